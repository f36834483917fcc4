// How a run goes: spans of time, and the multiple of the environment's level that is reached at the end of each.

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * Of each profile: the multiple that it begins with, [seconds, multiple] at the end of each stage, how much of a level is used
 * in any case (`atMost`), and whether a threshold that does not hold ends it.
 */
export const PROFILES = {
  // Does it work at all: a few requests.
  smoke: { begins: 1, atMost: 2, stages: [[30, 1]] },
  // Does it hold what is promised.
  load: { begins: 0, stages: [[MINUTE, 1], [10 * MINUTE, 1], [MINUTE, 0]] },
  // Where does it end: thrice the level in steps. Ends as soon as a threshold does not hold.
  stress: {
    begins: 0,
    endsWhenBroken: true,
    stages: [
      [2 * MINUTE, 1], [3 * MINUTE, 1], [MINUTE, 1.5], [3 * MINUTE, 1.5], [MINUTE, 2], [3 * MINUTE, 2],
      [MINUTE, 3], [3 * MINUTE, 3], [MINUTE, 0],
    ],
  },
  // Does it come through a crowd, and back: five times the level within ten seconds.
  spike: { begins: 0, stages: [[MINUTE, 1], [2 * MINUTE, 1], [10, 5], [2 * MINUTE, 5], [10, 1], [3 * MINUTE, 1], [30, 0]] },
  // Does it hold for long: leaks, volumes that fill, tokens that expire.
  soak: { begins: 0, stages: [[5 * MINUTE, 0.7], [4 * HOUR, 0.7], [5 * MINUTE, 0]] },
};

/** Seconds that may pass until an answer, and with them how many virtual users a rate may need. */
const PATIENCE_SECONDS = 2;

export function highestMultiple(profile) {
  const { begins, stages } = PROFILES[profile];
  return Math.max(begins, ...stages.map(([, multiple]) => multiple));
}

function shape(profile, level, shorten) {
  const { begins, atMost, stages } = PROFILES[profile];
  const full = Math.min(level, atMost || level);
  return {
    begins: begins * full,
    stages: stages.map(([seconds, multiple]) => ({ seconds: seconds / shorten, target: multiple * full })),
    highest: full * highestMultiple(profile),
  };
}

function milliseconds(seconds) {
  return `${Math.max(1, Math.round(seconds * 1000))}ms`;
}

/** A scenario that begins so many iterations a second, however long the answers take. */
export function arrivals(profile, perSecond, shorten) {
  const { begins, stages, highest } = shape(profile, perSecond, shorten);
  const users = Math.max(2, Math.ceil(highest * PATIENCE_SECONDS));
  return {
    executor: 'ramping-arrival-rate',
    // Rates are whole numbers to k6: by the minute, a third of a request a second is one, too.
    timeUnit: '1m',
    startRate: Math.round(begins * 60),
    stages: stages.map(({ seconds, target }) => ({ duration: milliseconds(seconds), target: Math.round(target * 60) })),
    preAllocatedVUs: Math.max(2, Math.ceil(users / 4)),
    maxVUs: users,
    gracefulStop: '10s',
  };
}

/** A scenario of so many users at once, each of whom begins again when it is through. */
export function users(profile, atOnce, shorten) {
  const { begins, stages } = shape(profile, atOnce, shorten);
  return {
    executor: 'ramping-vus',
    startVUs: Math.round(begins),
    stages: stages.map(({ seconds, target }) => ({ duration: milliseconds(seconds), target: Math.round(target) })),
    gracefulRampDown: '30s',
    gracefulStop: '30s',
  };
}
