/** What must hold before anything listens, in the order of spec section 7. Values have been checked as they were read. */
import { ConfigError, type Report, throwFault } from '../config/config-error.ts';
import { checkCombinations } from '../config/flag-combinations.ts';
import type { Env, RunCommand } from '../config/read-config.ts';
import { checkEnvironment, checkProductionListener, PRODUCTION } from './environment-rules.ts';
import { checkAnyListener, checkListeners } from './listener-rules.ts';
import { excessPrivileges, type PrivilegeFacts } from './privileges.ts';

export interface BootFacts extends PrivilegeFacts {
  readonly env: Env;
}

/**
 * Reports each rule that is broken.
 * @param isComplete false if some input could not be read: it may have said where to listen
 * @returns what production would refuse, one line each, for the log
 */
export const checkBoot = (
  { config, given }: RunCommand,
  facts: BootFacts,
  report: Report = throwFault,
  isComplete = true,
): readonly string[] => {
  checkCombinations(given, report);
  if (isComplete) checkAnyListener(given, report);
  const isProduction = checkEnvironment(facts.env, report);
  if (isProduction) checkProductionListener(given, report);
  const excess = excessPrivileges(facts);
  if (isProduction)
    for (const each of excess) report(new ConfigError(`refused in production (${PRODUCTION}=1): ${each}`));
  checkListeners(config, given, report);
  return excess;
};
