// What a run is told by its environment, once and checked. A credential is read here, sent to the gateway, and never printed.

import { PROFILES } from './profiles.js';

const ENVIRONMENTS = ['dev', 'staging', 'prod'];

function required(name, meaning) {
  const value = __ENV[name];
  if (!value) {
    throw new Error(`${name} is missing: ${meaning}`);
  }
  return value;
}

function oneOf(name, known, otherwise) {
  const value = __ENV[name] || otherwise;
  if (!known.includes(value)) {
    throw new Error(`${name}: ${value} is none of ${known.join(', ')}`);
  }
  return value;
}

function positive(name, otherwise) {
  const value = Number(__ENV[name] || otherwise);
  if (!(value > 0)) {
    throw new Error(`${name}: ${__ENV[name]} is no number above 0`);
  }
  return value;
}

function list(name) {
  return (__ENV[name] || '').split(',').filter((part) => part !== '');
}

export const domain = required('LOAD_DOMAIN', 'the domain of the stack, below which each system has its host');
export const environment = oneOf('LOAD_ENVIRONMENT', ENVIRONMENTS, 'dev');
export const profile = oneOf('LOAD_PROFILE', Object.keys(PROFILES), 'smoke');

/** `address:port` that is asked in the place of the host, under its name: a gateway that is forwarded to this machine. */
export const address = __ENV.LOAD_ADDRESS || null;

/** Every span of time is divided by this. */
export const shorten = positive('LOAD_SHORTEN', 1);

/** How many clients a run plays, where the gateway believes it whom it speaks for (`gateway.trusted_proxies`). */
export const clients = positive('LOAD_CLIENTS', 1);

/** Scenarios that are run; all of them where none is named. */
export const only = list('LOAD_ONLY');

/** Name of the run, on each of its samples. */
export const test = __ENV.LOAD_TEST || null;

/** Credentials, checked by the systems that need them. */
export function needed(credential, names) {
  if (credential === null || credential.length === 0) {
    throw new Error(`${names} is missing: a credential for the gateway, given by the environment`);
  }
  return credential;
}

export const token = __ENV.LOAD_TOKEN || null;

/** One for each consumer: the gateway limits the requests of each. */
export const apiKeys = list('LOAD_API_KEYS');

/** Name and password of a user who signs in. */
export const login = __ENV.LOAD_USER ? { username: __ENV.LOAD_USER, password: __ENV.LOAD_PASSWORD || null } : null;
