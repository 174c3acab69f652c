import { acceptFigure } from './accept.js';
import { burstsFigure } from './bursts.js';
import { claimsFigure } from './claims.js';
import { deafPhonesFigure } from './deaf-phones.js';
import { echoFigure } from './echo.js';
import { fewInFlightFigure } from './few-in-flight.js';
import { graceFigure } from './grace.js';
import { gridFigure } from './grid.js';
import { inspectionFigure } from './inspection.js';
import { latencyFigure } from './latency.js';
import { memoryFigure } from './memory.js';
import { mixFigure } from './mix.js';
import { neighbourFigure } from './neighbour.js';
import { startFigure } from './start.js';
import { stormFigure } from './storm.js';
import { strangersFigure } from './strangers.js';
import { tlsFigure } from './tls.js';
import { wakesFigure } from './wakes.js';

/** All figures, in order of measurement. @type {readonly import('./figure.d.ts').Figure[]} */
export const figures = [
  echoFigure,
  fewInFlightFigure,
  burstsFigure,
  mixFigure,
  latencyFigure,
  neighbourFigure,
  wakesFigure,
  strangersFigure,
  deafPhonesFigure,
  memoryFigure,
  acceptFigure,
  stormFigure,
  tlsFigure,
  graceFigure,
  claimsFigure,
  startFigure,
  inspectionFigure,
  gridFigure,
];
