// Whether an operation came out as it should: one measure for each protocol, so that one threshold holds all of them.

import { check } from 'k6';
import { Rate } from 'k6/metrics';

const errors = new Rate('errors');

/** Notes what came of an operation, and says whether it is well. */
export function outcome(name, answer, expectations) {
  const well = check(answer, expectations, { name });
  errors.add(!well, { name });
  return well;
}
