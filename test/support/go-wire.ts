/** How the Go relay reads and writes messages and close frames, which is how encoding/json and its WebSocket library do. */
import { type RawData, WebSocket } from 'ws';

const NO_STATUS = 1005;

/** Says when the peer's close frame has come, which is before the end of TCP. */
export class GoSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    super.close(code, data);
    this.emit('answers close', code ?? NO_STATUS);
  }
}

interface Envelope {
  readonly conn_id?: string;
  readonly frame?: unknown;
  readonly close_code?: number;
}

/** Keys match in any case, and a later `null` leaves the earlier value. Undefined for what is not JSON. */
export const decode = (text: string): Envelope | undefined => {
  try {
    const value: object = JSON.parse(text.replaceAll(',"conn_id":null', ''));
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toLowerCase(), member]));
  } catch {
    return undefined;
  }
};

const ESCAPED = /[<>&\u2028\u2029]/g;

/**
 * Without whitespace between its tokens, and escaped for HTML and JavaScript.
 * @throws SyntaxError for what is not JSON
 */
export const reEncode = (text: string): string => {
  JSON.parse(text);
  return text
    .replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string?: string) => string ?? '')
    .replaceAll(ESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
};

/** The default of ws is one buffer for each message. */
export const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString() : '');

export const maySend = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

/** Whether it answers a ping that carries this count, before it ends. */
export const answersPing = async (ws: WebSocket, count: number, timeoutMs: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const end = (isAlive: boolean): void => {
      clearTimeout(timer);
      resolve(isAlive);
    };
    // Which of several claimants wins is a race there; here it is the last one.
    ws.once('pong', () => end(true)).prependOnceListener('close', () => end(false));
    if (ws.readyState === WebSocket.OPEN) ws.ping(String(count));
    else end(false);
  });
