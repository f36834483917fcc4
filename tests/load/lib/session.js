// Who has signed in, for as long as a run lasts: a token ends before the longest runs do.

import { shorten } from './settings.js';

/** Seconds after which a user signs in again: twice and more within the hour that a token lasts, should it fail once. */
const RENEWED_SECONDS = 900;

/** Seconds over which users spread that, so that not all of them do it at once. */
const SPREAD_SECONDS = 600;

/** What is known of a token: itself, and since when there is one. */
export function session(token) {
  return { token, since: Date.now() };
}

/** The token of one virtual user. `signIn` returns another one, or `null` where it fails; without it the given one stays. */
export class Renewed {
  constructor(signIn) {
    this.signIn = signIn;
    this.held = null;
  }

  /** The token to show now, where `begun` is the session that the run began with. */
  now(begun) {
    this.held = this.held || begun;
    const after = (RENEWED_SECONDS + ((__VU * 7) % 10) * (SPREAD_SECONDS / 10)) / shorten;
    if (this.signIn && Date.now() - this.held.since > after * 1000) {
      this.held = session(this.signIn() || this.held.token);
    }
    return this.held.token;
  }
}
