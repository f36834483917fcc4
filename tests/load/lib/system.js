// A system at the gateway: where it is, and the options of a run of it.

import { levelOf } from './levels.js';
import { arrivals, users } from './profiles.js';
import * as settings from './settings.js';
import { thresholds } from './thresholds.js';

/** Labels that Prometheus gets; each address and each user of their own would be a series each. */
const SYSTEM_TAGS = ['check', 'error_code', 'expected_response', 'method', 'name', 'scenario', 'status'];

export function hostOf(system) {
  return `${system}.${settings.domain}`;
}

/**
 * The options of a run.
 *
 * `scenarios` has, by name, the function that an iteration calls (`exec`), the endpoints that it asks with the protocol of
 * each, and either nothing more (so many iterations a second) or `atOnce: true` (so many users at once). `sharers` is how many
 * clients or consumers share out what the gateway's limits let one of them ask.
 */
export function optionsOf(system, scenarios, sharers = settings.clients) {
  const named = Object.keys(scenarios);
  const unknown = settings.only.filter((name) => !named.includes(name));
  if (unknown.length > 0) {
    throw new Error(`LOAD_ONLY: ${unknown.join(', ')} is none of ${named.join(', ')}`);
  }
  const chosen = named.filter((name) => settings.only.length === 0 || settings.only.includes(name));
  const endpoints = Object.assign({}, ...chosen.map((name) => scenarios[name].endpoints));
  return {
    scenarios: Object.fromEntries(chosen.map((name) => [name, scenario(system, name, scenarios[name], sharers)])),
    thresholds: thresholds(settings.profile, settings.shorten, endpoints),
    hosts: settings.address ? { [hostOf(system)]: settings.address } : {},
    systemTags: SYSTEM_TAGS,
    summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max', 'count'],
    // Bodies are read where an operation asks for one.
    discardResponseBodies: true,
    userAgent: 'groundwork-load-test',
    setupTimeout: '30s',
    teardownTimeout: '30s',
    tags: {
      system,
      environment: settings.environment,
      profile: settings.profile,
      testid: settings.test || `${system}-${settings.environment}-${settings.profile}`,
    },
  };
}

function scenario(system, name, { exec, atOnce }, sharers) {
  const level = levelOf(system, name, settings.environment, settings.profile, sharers);
  const begun = atOnce ? users : arrivals;
  return { exec, ...begun(settings.profile, level, settings.shorten) };
}
