// Whose turn it is among those who share out what a run asks.

import exec from 'k6/execution';

/** The number of the iteration over all virtual users; 0 before and after a run. */
export function turn() {
  return exec.vu.idInTest === 0 ? 0 : exec.scenario.iterationInTest;
}
