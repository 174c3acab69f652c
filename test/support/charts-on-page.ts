/** The charts that the live page shows. */
import { isOnPage } from '../../scripts/diagrams/page-charts.js';
import { ALL_CHARTS } from '../../src/machines/all-charts.ts';

export const CHARTS_ON_PAGE = ALL_CHARTS.filter(isOnPage);
