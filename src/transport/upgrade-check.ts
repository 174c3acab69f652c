/** Whether a request with good routing headers is a WebSocket handshake we can complete (spec section 1). */
import { type HeaderValues, trimBlanks } from '../protocol/header-values.ts';

export interface HandshakeHead {
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: HeaderValues;
}

/** The handshake's part of the reasons for which a request is refused. */
export type HandshakeFault = 'no_upgrade' | 'method' | 'websocket_version' | 'websocket_key';

export interface HttpRefusal {
  readonly reason: HandshakeFault;
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const WEBSOCKET_VERSION = '13';
const NONE: readonly string[] = [];
/** 16 bytes in base64. */
const KEY_FORM = /^[A-Za-z0-9+/]{22}==$/;

const UPGRADE_REQUIRED: HttpRefusal = {
  reason: 'no_upgrade',
  status: 426,
  text: 'this is a WebSocket endpoint: HTTP/1.1, Connection: Upgrade and Upgrade: websocket are required\n',
  headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
};
const NOT_GET: HttpRefusal = {
  reason: 'method',
  status: 405,
  text: 'a WebSocket handshake is a GET\n',
  headers: { Allow: 'GET' },
};
const WRONG_VERSION: HttpRefusal = {
  reason: 'websocket_version',
  status: 400,
  text: 'Sec-WebSocket-Version must be 13\n',
  headers: { 'Sec-WebSocket-Version': WEBSOCKET_VERSION },
};
const WRONG_KEY: HttpRefusal = {
  reason: 'websocket_key',
  status: 400,
  text: 'Sec-WebSocket-Key must be 16 bytes in base64, once\n',
};

const hasToken = (values: readonly string[], token: string): boolean =>
  values.some((value) => value.split(',').some((part) => trimBlanks(part).toLowerCase() === token));

/** Undefined when the handshake is good. */
export const checkHandshake = ({ method, httpVersion, headers }: HandshakeHead): HttpRefusal | undefined => {
  const values = (name: string): readonly string[] => headers.get(name) ?? NONE;
  if (httpVersion !== '1.1') return UPGRADE_REQUIRED;
  if (!hasToken(values('connection'), 'upgrade')) return UPGRADE_REQUIRED;
  if (!hasToken(values('upgrade'), 'websocket')) return UPGRADE_REQUIRED;
  if (method !== 'GET') return NOT_GET;
  if (values('sec-websocket-version')[0] !== WEBSOCKET_VERSION) return WRONG_VERSION;
  const [key, secondKey] = values('sec-websocket-key');
  if (key === undefined || secondKey !== undefined || !KEY_FORM.test(key)) return WRONG_KEY;
  // Any Origin is accepted: a browser page cannot set the routing headers, so the header gate has stopped it already.
  return undefined;
};
