// How much each system has to bear, by environment: iterations a second, or users at once.

import { highestMultiple } from './profiles.js';

/** What a key of indexforge may ask for in a minute: `rate-limiting` of its routes. */
const ALLOWED_PER_MINUTE = { api: 60, ml: 30 };

export const LEVELS = {
  todo: {
    // In prod what is promised: 100 requests a second, half of which write, and so make 50 events.
    api: { dev: 5, staging: 25, prod: 100 },
    live: { dev: 5, staging: 50, prod: 500 },
  },
  orders: {
    calls: { dev: 5, staging: 25, prod: 80 },
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

/** So much of a limit is used: two requests at once do not hit it by chance. */
const OF_LIMIT = 0.8;

/**
 * The level that the keys of a run allow, so that its highest stage stays below the limits of all of them together: what is
 * more would be turned away by the gateway, and prove nothing.
 */
export function withinLimit(scenario, level, keys, profile) {
  const aSecond = (ALLOWED_PER_MINUTE[scenario] / 60) * keys;
  return Math.min(level, (aSecond * OF_LIMIT) / highestMultiple(profile));
}
