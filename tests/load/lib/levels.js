// How much each system has to bear, by environment: iterations a second, or users at once.

import { highestMultiple } from './profiles.js';

export const LEVELS = {
  todo: {
    // In prod what is promised: 100 requests a second, half of which write, and so make 50 events.
    api: { dev: 5, staging: 25, prod: 100 },
    live: { dev: 5, staging: 50, prod: 500 },
  },
  orders: {
    calls: { dev: 5, staging: 25, prod: 80 },
    payments: { dev: 1, staging: 5, prod: 10 },
    auth: { dev: 1, staging: 3, prod: 10 },
  },
  indexforge: {
    api: { dev: 1, staging: 5, prod: 20 },
    ml: { dev: 0.5, staging: 2, prod: 5 },
  },
  bakery: {
    web: { dev: 5, staging: 20, prod: 50 },
  },
};

/** What the gateway lets one client or consumer ask in a minute: `rate-limiting` of the workload files. */
export const LIMITS = {
  todo: { api: 600 },
  indexforge: { api: 60, ml: 30 },
};

/** So much of a limit is used: two requests at once do not hit it by chance. */
const OF_LIMIT = 0.8;

/**
 * The level of a scenario, as far as so many clients or consumers may ask it: its highest stage stays below the limits of all of
 * them together. What is more would be turned away by the gateway, and prove nothing.
 */
export function levelOf(system, scenario, environment, profile, sharers) {
  const level = LEVELS[system][scenario][environment];
  const limit = (LIMITS[system] || {})[scenario];
  if (!limit) {
    return level;
  }
  const may = ((limit / 60) * sharers * OF_LIMIT) / highestMultiple(profile);
  if (may < level && __VU === 0) {
    console.warn(`${system}, ${scenario}: ${may.toFixed(2)} a second in place of ${level}, which ${sharers} may ask at most`);
  }
  return Math.min(level, may);
}
