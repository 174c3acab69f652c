/** Answers with a file of the page, or 404. */
import type { ServerResponse } from 'node:http';
import { answer, NOT_FOUND } from '../transport/http-answer.ts';
import type { PageFile } from './page-files.ts';
import { PAGE_HEADERS } from './page-headers.ts';

export const respondWithFile = (response: ServerResponse, file: PageFile | undefined): void => {
  if (file === undefined) {
    answer(response, NOT_FOUND);
    return;
  }
  const { type, body } = file;
  response.writeHead(200, {
    ...PAGE_HEADERS,
    'Content-Type': type,
    'Content-Length': body.length,
    Connection: 'close',
  });
  response.end(body);
};
