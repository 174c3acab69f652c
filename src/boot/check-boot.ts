/** What must hold before anything listens, in the order of spec section 7. Values have been checked as they were read. */
import { ConfigError } from '../config/config-error.ts';
import { checkCombinations } from '../config/flag-combinations.ts';
import type { Env, RunCommand } from '../config/read-config.ts';
import { checkEnvironment, checkProductionListener, PRODUCTION } from './environment-rules.ts';
import { checkAnyListener, checkListeners } from './listener-rules.ts';
import { excessPrivileges, type PrivilegeFacts } from './privileges.ts';

export interface BootFacts extends PrivilegeFacts {
  readonly env: Env;
}

/**
 * @returns what production would refuse, one line each, for the log
 * @throws ConfigError for the first rule that is broken
 */
export const checkBoot = ({ config, given }: RunCommand, facts: BootFacts): readonly string[] => {
  checkCombinations(given);
  checkAnyListener(given);
  const isProduction = checkEnvironment(facts.env);
  if (isProduction) checkProductionListener(given);
  const excess = excessPrivileges(facts);
  const [first] = excess;
  if (isProduction && first !== undefined)
    throw new ConfigError(`refused in production (${PRODUCTION}=1): ${first}`);
  checkListeners(config, given);
  return excess;
};
