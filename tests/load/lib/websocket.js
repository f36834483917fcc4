// Connections that stay open, as those of a browser do.

import { WebSocket } from 'k6/websockets';

import { outcome } from './outcome.js';
import { shorten } from './settings.js';
import { hostOf } from './system.js';

const OPEN_SECONDS = 20;
const PING_SECONDS = 5;
const NORMAL = 1000;

/** How long a user waits to connect again after a connection that failed: clients that do not wait bring a gateway down. */
const RETRY_MILLISECONDS = 1000;

/**
 * Opens a connection, pings through it and ends it after a while; resolves when it has ended.
 *
 * It is well if it opened and the other side did not end it first. Each server answers a ping (RFC 6455, 5.5.3), whatever
 * its messages mean.
 */
export function stayConnected(system, name, path, headers = {}) {
  const socket = new WebSocket(`wss://${hostOf(system)}${path}`, null, { headers, tags: { name } });
  const seen = { opened: false, left: false };
  return new Promise((resolve) => {
    let pings = null;
    let end = null;
    socket.addEventListener('open', () => {
      seen.opened = true;
      pings = setInterval(() => socket.ping(), (PING_SECONDS / shorten) * 1000);
      end = setTimeout(() => {
        seen.left = true;
        clearInterval(pings);
        socket.close(NORMAL);
      }, (OPEN_SECONDS / shorten) * 1000);
    });
    socket.addEventListener('close', () => {
      clearInterval(pings);
      clearTimeout(end);
      outcome(name, seen, {
        'opened': ({ opened }) => opened,
        'stayed open': ({ left }) => left,
      });
      setTimeout(resolve, seen.left ? 0 : RETRY_MILLISECONDS);
    });
  });
}
