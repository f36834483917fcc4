// Requests over HTTPS, each under the name of its endpoint.

import http from 'k6/http';

import { outcome } from './outcome.js';
import { clients } from './settings.js';
import { hostOf } from './system.js';
import { turn } from './turns.js';

const TIMEOUT = '10s';

/** A client of one system. `everywhere` gives the headers that each request carries, such as a credential. */
export class HttpClient {
  constructor(system, everywhere = () => ({})) {
    this.base = `https://${hostOf(system)}`;
    this.everywhere = everywhere;
  }

  /**
   * Sends a request and notes what came of it: 2xx is well. Returns the answer.
   *
   * `body` is sent as JSON. With `read`, the answer has a body.
   */
  send(name, method, path, { body = null, headers = {}, read = false } = {}) {
    const content = body === null ? {} : { 'content-type': 'application/json' };
    const answer = http.request(method, `${this.base}${path}`, body === null ? null : JSON.stringify(body), {
      headers: { accept: 'application/json', ...content, ...speaksFor(), ...this.everywhere(), ...headers },
      tags: { name },
      timeout: TIMEOUT,
      responseType: read ? 'text' : 'none',
    });
    outcome(name, answer, { 'status is right': ({ status }) => status >= 200 && status < 300 });
    return answer;
  }
}

/** Whom a request is for, where a run plays several clients: addresses for measurements, RFC 2544. */
function speaksFor() {
  const client = turn() % clients;
  return clients > 1 ? { 'x-forwarded-for': `198.18.${Math.floor(client / 250)}.${(client % 250) + 1}` } : {};
}

/** The member `key` of a JSON object that an answer has, `null` where there is none. */
export function member(answer, key) {
  try {
    return JSON.parse(answer.body)[key] || null;
  } catch (_error) {
    return null; // Not JSON, as what a gateway answers itself; its status tells.
  }
}

/** What a bearer of a token sends. */
export function bearer(token) {
  return token ? { authorization: `Bearer ${token}` } : {};
}
