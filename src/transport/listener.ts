/** The public listener: routes, header gate, WebSocket upgrade (spec sections 1 and 6). */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { hashToken, TOKEN_HEADER, type TokenHash } from '../admission/binary-tokens.ts';
import type { Entrance } from '../admission/entrance.ts';
import { full, type Limit } from '../admission/gate.ts';
import { makeConnId } from '../protocol/conn-id.ts';
import {
  CLOSE_ANSWER_TIMEOUT_MS,
  CLOSE_WRITE_TIMEOUT_MS,
  MAX_MESSAGE_FRAGMENTS,
} from '../protocol/limits.ts';
import {
  explainHeaderFault,
  type Role,
  type RoutingHeaders,
  readRoutingHeaders,
} from '../protocol/routing-headers.ts';
import { accept } from './accept.ts';
import { acceptRule } from './accept-rule.ts';
import type { AcceptStage } from './accept-stages.ts';
import { refusalAnswer, UNAUTHORIZED } from './admission-answers.ts';
import { type DataPlane, listenerHooks } from './data-plane.ts';
import { isForHost, MISDIRECTED } from './host-check.ts';
import { answer, type HttpAnswer, NOT_FOUND, plainText } from './http-answer.ts';
import { createHttpListener, type HttpRequest, type UpgradeRequest } from './http-listener.ts';
import type { MemoryGuard } from './memory-guard.ts';
import { MeteredTls } from './metered-tls.ts';
import { acceptedSocket } from './peer-of.ts';
import type { UnfinishedConnections } from './unfinished-connections.ts';
import { checkHandshake } from './upgrade-check.ts';

export interface ListenerOptions {
  readonly maxFrameBytes: number;
  /** The body of `/healthz`. */
  readonly health: () => string;
  readonly stages?: readonly AcceptStage[];
  /** The only host names that are served here, in lower case. Undefined for any. */
  readonly hosts?: readonly string[];
  readonly entrance: Entrance;
  readonly unfinished: UnfinishedConnections;
  readonly memory: Pick<MemoryGuard, 'serverIdLimit'>;
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['/v1/server', 'binary'],
  ['/v1/client', 'phone'],
]);

/** ws starts its own timer at `close()`. It must outlast the chart's timers, which decide. */
const WS_CLOSE_TIMEOUT_MS = 2 * (CLOSE_WRITE_TIMEOUT_MS + CLOSE_ANSWER_TIMEOUT_MS);

const healthAnswer = (body: string): HttpAnswer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
  body,
});

type Routed =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | {
      readonly kind: 'handshake';
      readonly role: Role;
      readonly routing: RoutingHeaders;
      readonly tokenHash: TokenHash | undefined;
    };

/** A token in two headers is none: two hops on the way could read different ones. */
const readToken = ({ headers }: HttpRequest): TokenHash | undefined => {
  const [token, second] = headers.get(TOKEN_HEADER) ?? [];
  return token === undefined || token === '' || second !== undefined ? undefined : hashToken(token);
};

const whenClosed = (socket: Socket, act: () => void): void => {
  if (socket.closed) act();
  else socket.on('close', act);
};

type Refuse = (limit: Limit, given: HttpAnswer) => Routed;

/** Routing headers, handshake, token, and room for the server-id. */
const routeAdmitted = (
  plane: DataPlane,
  options: ListenerOptions,
  request: HttpRequest,
  role: Role,
  refuse: Refuse,
): Routed => {
  const { remote, source } = request;
  const routing = readRoutingHeaders(role, request.headers);
  if ('problem' in routing) {
    plane.observer.observe({ type: 'upgrade.refused', role, remote, source, fault: routing });
    return { kind: 'answer', answer: plainText(400, `${explainHeaderFault(routing)}\n`) };
  }
  const fault = checkHandshake(request);
  if (fault === undefined) {
    const tokenHash = role === 'binary' ? readToken(request) : undefined;
    if (role === 'binary' && !options.entrance.mayClaim(tokenHash, routing.serverId))
      return refuse('token', UNAUTHORIZED);
    const limit = options.memory.serverIdLimit(role, routing.serverId);
    if (limit !== undefined) return refuse(limit, refusalAnswer(full(limit)));
    return { kind: 'handshake', role, routing, tokenHash };
  }
  const explanation = fault.status === 400 ? fault.text.trimEnd() : '';
  const refusal = { reason: fault.reason, remote, source, explanation };
  plane.observer.observe({ type: 'request.refused', listener: 'public', ...refusal });
  return { kind: 'answer', answer: plainText(fault.status, fault.text, fault.headers) };
};

/**
 * The order of the checks is part of the wire contract: host, path, rate, places, routing headers, handshake (spec section 1), and
 * then the token: only who could be let in learns whether it is good.
 */
const route = (plane: DataPlane, options: ListenerOptions, request: HttpRequest): Routed => {
  const { remote, source } = request;
  if (options.hosts !== undefined && !isForHost(options.hosts, request)) {
    const refusal = {
      reason: 'misdirected',
      remote,
      source,
      explanation: 'Host is not served here',
    } as const;
    plane.observer.observe({ type: 'request.refused', listener: 'public', ...refusal });
    return { kind: 'answer', answer: MISDIRECTED };
  }
  const { path } = request.target;
  if (path === '/healthz') return { kind: 'answer', answer: healthAnswer(options.health()) };
  const role = ROLES.get(path);
  if (role === undefined) return { kind: 'answer', answer: NOT_FOUND };
  const refuse: Refuse = (limit, given) => {
    plane.observer.observe({ type: 'admission.refused', limit, remote, source, path });
    return { kind: 'answer', answer: given };
  };
  const verdict = options.entrance.admit(role, remote);
  if (verdict.kind === 'refused') return refuse(verdict.limit, refusalAnswer(verdict));
  const routed = routeAdmitted(plane, options, request, role, refuse);
  // A peer that is refused needs no place: its connection is unfinished, and that is bounded too.
  if (routed.kind === 'answer') verdict.release();
  else whenClosed(request.socket, verdict.release);
  return routed;
};

export const createListener = (plane: DataPlane, options: ListenerOptions): Server => {
  const handshakeOptions = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
    maxFragments: MAX_MESSAGE_FRAGMENTS,
    // The adapter answers pings, and bounds what waits.
    autoPong: false,
    closeTimeout: WS_CLOSE_TIMEOUT_MS,
  };
  const handshakes = new WebSocketServer(handshakeOptions);

  const onUpgrade = (request: UpgradeRequest): void => {
    const { message, socket, remote, source } = request;
    const routed = route(plane, options, request);
    if (routed.kind === 'answer') {
      request.answer(routed.answer);
      return;
    }
    // No subprotocol is ever selected, so a malformed offer is not an error. ws is stricter than we are about lists and
    // repeated headers, so it is shown the values that were checked above.
    if ('sec-websocket-protocol' in message.headers) delete message.headers['sec-websocket-protocol'];
    message.headers.upgrade = 'websocket';
    message.headers['sec-websocket-version'] = '13';
    handshakes.handleUpgrade(message, socket, request.release(), (ws) => {
      // Paused for the handover; `accept` may pause it again.
      socket.resume();
      options.unfinished.finish(acceptedSocket(socket));
      if (socket instanceof MeteredTls) socket.finishOpening();
      const { role, routing, tokenHash } = routed;
      const connId = makeConnId(randomUUID());
      accept(plane, { ...routing, connId, role, remote, source, tokenHash, ws, socket });
    });
  };

  return createHttpListener({
    mayAccept: acceptRule('public', plane.observer, options.unfinished),
    stages: options.stages ?? [],
    addressOf: (peer, headers) => options.entrance.addressOf(peer, headers),
    onRequest: (request, response) => {
      const routed = route(plane, options, request);
      // An upgrade request with a good handshake does not come here.
      answer(response, routed.kind === 'answer' ? routed.answer : NOT_FOUND);
    },
    onUpgrade,
    ...listenerHooks(plane.observer, 'public'),
  });
};
