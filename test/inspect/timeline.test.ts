/** The timeline of one server-id: events between actors, in the order of sending. */
import { describe, expect, test } from 'vitest';
import { sentence } from '../../src/inspect/page/words.ts';
import { placeOf } from '../../src/inspect/parties.ts';
import { Timeline } from '../../src/inspect/timeline.ts';
import { TimelineFeed } from '../../src/inspect/timeline-feed.ts';
import type { Message, TimelineEvent } from '../../src/inspect/updates.ts';
import { RecordedRelay } from './recorded-relay.ts';

const watch = (relay: RecordedRelay, serverId = 's'): (() => readonly TimelineEvent[]) => {
  const timeline = new Timeline();
  const feed = new TimelineFeed((of) => (of === serverId ? [timeline] : []));
  relay.root.system.inspect((inspected) => {
    if (inspected.type === '@xstate.actor') return;
    const place = placeOf(inspected.actorRef);
    if (place !== undefined) feed.observe(inspected, place);
  });
  return () => timeline.take();
};

const sentences = (events: readonly TimelineEvent[]): string[] => events.map((event) => sentence(event));
const types = (messages: readonly Message[]): string[] => messages.map(({ type }) => type);

describe('senders and recipients', () => {
  test('a phone registers, is pinged, and leaves; its binary is told', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    const taken = watch(relay);
    relay.dial('phone', 's', 'p');
    expect(sentences(taken())).toStrictEqual([
      'socket of phone p → directory: connection.dialled',
      'directory → server: phone.registered p, now claimed.held.live',
      'server → phone p: admit registration, now open.fresh',
    ]);
    relay.clock.increment(30_000);
    const pinged = taken().filter(({ to }) => to.connId === 'p');
    expect(sentences(pinged)).toStrictEqual(['phone p: after firstHeartbeat, now open.pinged']);
    expect(pinged.map(({ orders }) => types(orders))).toStrictEqual([['ping.due']]);

    relay.report('p', { type: 'peer.closed' });
    expect(sentences(taken())).toStrictEqual([
      'socket → phone p: peer.closed, now closing.finishing',
      'phone p → server: phone.left, now claimed.held.live',
    ]);
    relay.report('p', { type: 'socket.ended', closeCode: 4401 });
    const ended = taken();
    expect(sentences(ended)).toStrictEqual([
      'socket → phone p: socket.ended 4401, now ended',
      'phone p → server: phone.ended 4401, now claimed.held.live',
      'server → binary b: notify p 4401, now open.pinged',
    ]);
    expect(ended.map(({ orders, reports }) => [types(orders), types(reports)])).toStrictEqual([
      [[], ['connection.ended']],
      [[], []],
      [['notice.due'], []],
    ]);
  });

  test('a refusal, with its code and what the connection then does', () => {
    const relay = new RecordedRelay();
    const taken = watch(relay);
    relay.dial('phone', 's', 'p');
    const events = taken();
    expect(sentences(events)).toStrictEqual([
      'socket of phone p → directory: connection.dialled',
      'directory → server: phone.registered p, now released',
      'server → phone p: refuse 4404, now refused.writing',
    ]);
    expect(types(events[2]?.orders ?? [])).toStrictEqual(['discard.due', 'close.due']);
    expect(events[2]?.reports).toStrictEqual([
      { type: 'connection.refused', connId: '', closeCode: 4404, cause: '' },
    ]);
  });

  test('one event to several connections, and a timer of the server', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    relay.dial('phone', 's', 'p1');
    relay.dial('phone', 's', 'p2');
    const taken = watch(relay);
    relay.report('b', { type: 'socket.ended', closeCode: 1006 });
    relay.clock.increment(30_000);
    const events = taken().filter(({ to, from }) => to.kind === 'server' || from.kind === 'server');
    expect(sentences(events)).toStrictEqual([
      'binary b → server: binary.left, now claimed.grace',
      'server: after gracePeriod, now released',
      'server → phone p1: close 4404 expired, now closing.writing',
      'server → phone p2: close 4404 expired, now closing.writing',
    ]);
    expect(events.map(({ reports }) => types(reports))).toStrictEqual([
      ['grace.started'],
      ['grace.expired'],
      ['connection.left'],
      ['connection.left'],
    ]);
  });

  test('a directive names its phone', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    relay.dial('phone', 's', 'p');
    const taken = watch(relay);
    relay.report('b', { type: 'directive.received', connId: 'p', closeCode: 4401, isTooLong: false });
    expect(sentences(taken())).toStrictEqual([
      'socket → binary b: directive.received p 4401, now open.fresh',
      'binary b → server: phone.dismissed p 4401, now claimed.held.live',
      'server → phone p: close 4401 directive, now closing.flushing',
    ]);
  });

  test('the directory itself, when it drains', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    const taken = watch(relay);
    relay.drain();
    expect(sentences(taken())).toStrictEqual([
      'directory → server: drain, now released',
      'server → binary b: close 1001 shutdown, now closing.flushing',
    ]);
  });
});

describe('what is shown', () => {
  test('events that another actor sent and the chart ignored, but not ignored socket events or other server-ids', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    relay.dial('phone', 's', 'p');
    const taken = watch(relay);
    relay.dial('binary', 'another', 'x');
    relay.report('p', { type: 'backlog.flushed' });
    relay.report('p', { type: 'frame.unheard' });
    const events = taken();
    expect(sentences(events).slice(0, 2)).toStrictEqual([
      'socket → phone p: frame.unheard, now open.fresh',
      'phone p → server: phone.unheard, now claimed.held.live',
    ]);
    relay.report('b', { type: 'probe.answered' });
    expect(sentences(taken())).toStrictEqual([
      'socket → binary b: probe.answered, now open.fresh',
      'binary b → server: binary.answered (ignored)',
    ]);
  });

  test('an event on which a chart throws', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    const taken = watch(relay);
    let reads = 0;
    relay.send('s', {
      type: 'phone.left',
      get connId(): string {
        // Read once for the timeline, and then by the chart.
        if (reads++ > 0) throw new Error('on purpose');
        return 'p';
      },
    });
    expect(sentences(taken())[0]).toMatch(/phone\.left p?.*, now broken$/);
  });

  test('only the type, ids, code and cause of an event', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    relay.dial('phone', 's', 'p');
    const taken = watch(relay);
    const laden = { type: 'close.written', payload: 'SECRET', reason: 'SECRET', remote: 'SECRET' } as const;
    relay.send('s', { type: 'phone.left', connId: 'p', ...{ payload: 'SECRET', binaryId: 'SECRET' } });
    const close = { closeCode: 4400, reason: 'SECRET' };
    const order = { type: 'close', close, cause: 'directive', flush: false, isNoticeOwed: false } as const;
    relay.directory.send({ type: 'tell.connections', connIds: ['p'], event: order });
    relay.report('p', laden);
    const events = taken();
    expect(events.length).toBeGreaterThan(2);
    expect(JSON.stringify(events)).not.toContain('SECRET');
  });

  test('entries are taken once, and a transition is named as in the picture', () => {
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    const taken = watch(relay);
    relay.dial('phone', 's', 'p');
    expect(taken()[1]?.taken).toStrictEqual([
      { source: 'server.claimed', event: 'phone.registered', index: 0 },
    ]);
    expect(taken()).toStrictEqual([]);
  });
});
