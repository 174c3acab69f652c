import { expect, test } from 'vitest';
import { readTarget } from '../../src/protocol/request-target.ts';

test.each([
  ['/v1/client', '/v1/client', '', undefined],
  ['/v1/client?a?b', '/v1/client', 'a?b', undefined],
  ['//relay/v1/client', '//relay/v1/client', '', undefined],
  ['/http://relay', '/http://relay', '', undefined],
  ['*', '*', '', undefined],
  ['', '', '', undefined],
  ['relay:443', 'relay:443', '', undefined],
  ['ftp://relay/x', 'ftp://relay/x', '', undefined],
  ['http://relay/v1/client?x', '/v1/client', 'x', 'relay'],
  ['WsS://[::1]:80/v1/client', '/v1/client', '', '[::1]:80'],
  ['https://relay', '/', '', 'relay'],
  ['http://relay?x', '/', 'x', 'relay'],
  ['http:///x', '/x', '', ''],
])('%j', (target, path, query, authority) => {
  expect(readTarget(target)).toEqual({ path, query, authority });
});
