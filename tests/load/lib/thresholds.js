// What has to hold for a run to pass.

import { PROFILES } from './profiles.js';

const LATENCY = ['p(95)<500', 'p(99)<1000'];
const ERRORS = ['rate<0.05'];

/** Time until a threshold may end a run: the first answers of a pod are slow, and few. */
const SETTLES_SECONDS = 30;

/** k6's own measure of how long one takes, in milliseconds. */
const DURATIONS = {
  http: ['http_req_duration'],
  grpc: ['grpc_req_duration'],
  websocket: ['ws_connecting', 'ws_ping'],
};

/**
 * Thresholds of a whole run and of each endpoint.
 *
 * `endpoints` has the protocol of each, by its name. Where a profile looks for the end of what is possible, a threshold that
 * does not hold ends the run.
 */
export function thresholds(profile, shorten, endpoints) {
  const seconds = Math.ceil(SETTLES_SECONDS / shorten);
  const held = (conditions) =>
    PROFILES[profile].endsWhenBroken
      ? conditions.map((threshold) => ({ threshold, abortOnFail: true, delayAbortEval: `${seconds}s` }))
      : conditions;
  const found = { errors: held(ERRORS) };
  for (const [name, protocol] of Object.entries(endpoints)) {
    for (const metric of DURATIONS[protocol]) {
      found[metric] = held(LATENCY);
      found[`${metric}{name:${name}}`] = held(LATENCY);
    }
    found[`errors{name:${name}}`] = held(ERRORS);
  }
  return found;
}
