/** The listener on port 80: answers challenges of an ACME server, and nothing else. */
import type { Server } from 'node:http';
import { answer, NOT_FOUND, plainText } from '../http-answer.ts';
import { createHttpListener, type HttpListenerOptions } from '../http-listener.ts';
import type { ChallengeAnswers } from './challenge-answers.ts';

type ChallengeListenerOptions = Omit<HttpListenerOptions, 'onRequest' | 'onUpgrade' | 'isLocalOnly'>;

export const createChallengeListener = (
  answers: ChallengeAnswers,
  options: ChallengeListenerOptions,
): Server =>
  createHttpListener({
    ...options,
    onRequest: ({ method, target }, response) => {
      const found = method === 'GET' ? answers.at(target.path) : undefined;
      answer(response, found === undefined ? NOT_FOUND : plainText(200, found));
    },
  });
