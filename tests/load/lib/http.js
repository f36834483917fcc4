// Requests over HTTPS, each under the name of its endpoint.

import http from 'k6/http';

import { outcome } from './outcome.js';
import { hostOf } from './system.js';

const TIMEOUT = '10s';

/** A client of one system. `headersOf` gives what each request carries, such as a credential. */
export class HttpClient {
  constructor(system, headersOf = () => ({})) {
    this.base = `https://${hostOf(system)}`;
    this.headersOf = headersOf;
  }

  /**
   * Sends a request and notes what came of it. Returns the answer.
   *
   * `body` is sent as JSON. With `read`, the answer has a body; `right` are statuses that are well.
   */
  send(name, method, path, { body = null, read = false, right = [200, 201, 202, 204], data = null } = {}) {
    const headers = { accept: 'application/json', ...this.headersOf(data) };
    if (body !== null) {
      headers['content-type'] = 'application/json';
    }
    const answer = http.request(method, `${this.base}${path}`, body === null ? null : JSON.stringify(body), {
      headers,
      tags: { name },
      timeout: TIMEOUT,
      responseType: read ? 'text' : 'none',
    });
    outcome(name, answer, { 'status is right': ({ status }) => right.includes(status) });
    return answer;
  }
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
