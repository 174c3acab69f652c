/** How phones find their binary, lose it, and find it again. */
import { once } from 'node:events';
import { beat, chapter, closed, dial, echo, isWatched, say, send, wait } from './stage.js';

/** How long the relay of this story waits for a binary that is gone. */
export const graceMs = isWatched ? 6_000 : 2_000;

/** @param {string} url */
export const tellRegistryStory = async (url) => {
  /** @type {Map<string, string>} */
  const connIds = new Map();

  chapter('A phone comes before its binary');
  await closed(await dial(url, 'phone A', '/v1/client'));
  await beat();

  chapter('The binary claims its server-id, phones register, frames go both ways');
  let binary = await dial(url, 'binary 1', '/v1/server');
  echo(binary, 'binary 1', connIds);
  await beat();
  const phoneA = await dial(url, 'phone A', '/v1/client');
  send(phoneA, 'phone A', '{"from":"A","say":"hello"}');
  await once(phoneA, 'message');
  await beat();
  const phoneB = await dial(url, 'phone B', '/v1/client');
  send(phoneB, 'phone B', '{"from":"B","say":"me too"}');
  await once(phoneB, 'message');
  await beat();

  chapter('The third phone is one too many; a second binary is told that the first is alive');
  await closed(await dial(url, 'phone C', '/v1/client'));
  await beat();
  await closed(await dial(url, 'binary 2', '/v1/server'));
  await beat();

  chapter('The binary closes one phone with a code of its own');
  send(
    binary,
    'binary 1',
    JSON.stringify({ conn_id: connIds.get('B'), frame: { bye: 'B' }, close_code: 4401 }),
  );
  await closed(phoneB);
  await beat();

  chapter('The binary is gone: a quiet phone stays, and another may still register');
  binary.close(1000);
  await closed(binary);
  const phoneD = await dial(url, 'phone D', '/v1/client');
  await wait(300);
  /** @param {import('ws').WebSocket} phone */
  const isOpen = (phone) => (phone.readyState === phone.OPEN ? 'open' : 'closed');
  say('relay', `phone A is ${isOpen(phoneA)}, phone D is ${isOpen(phoneD)}`);
  await beat();

  chapter('It comes back within grace, on a new connection: the old phones must shake hands anew');
  binary = await dial(url, 'binary 3', '/v1/server');
  echo(binary, 'binary 3', connIds);
  await Promise.all([closed(phoneA), closed(phoneD)]);
  await beat();
  const phoneE = await dial(url, 'phone E', '/v1/client');
  send(phoneE, 'phone E', '{"from":"E","say":"phone A, back again"}');
  await once(phoneE, 'message');
  await beat();

  chapter(`It is gone for good: after ${graceMs / 1_000} s the server-id is released`);
  binary.terminate();
  await closed(phoneE);
  await beat();
};
