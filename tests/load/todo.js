// todo: tasks over HTTP, and the WebSocket that tells of their changes. Half of the requests write: each write is an event.

import { HttpClient, bearer, member } from './lib/http.js';
import { mix } from './lib/mix.js';
import { token } from './lib/settings.js';
import { optionsOf } from './lib/system.js';
import { stayConnected } from './lib/websocket.js';

const TASKS = '/api/tasks';

const http = new HttpClient('todo', () => bearer(token));
const own = [];

export const options = optionsOf('todo', {
  api: { exec: 'api', endpoints: { list_tasks: 'http', read_task: 'http', create_task: 'http', remove_task: 'http' } },
  live: { exec: 'live', atOnce: true, endpoints: { changes: 'websocket' } },
});

function create() {
  const made = http.send('create_task', 'POST', TASKS, { body: { title: 'load test' }, read: true });
  const id = member(made, 'id');
  if (id !== null) {
    own.push(id);
  }
  return id;
}

/** Removes a task that this virtual user has made; makes one where it has none. */
function remove() {
  if (own.length === 0) {
    create();
  } else {
    http.send('remove_task', 'DELETE', `${TASKS}/${own.pop()}`);
  }
}

export const api = mix({
  list_tasks: [30, () => http.send('list_tasks', 'GET', TASKS)],
  read_task: [20, ({ task }) => http.send('read_task', 'GET', `${TASKS}/${task}`)],
  create_task: [25, create],
  remove_task: [25, remove],
});

export function live() {
  return stayConnected('todo', 'changes', '/ws', bearer(token));
}

export function setup() {
  return { task: create() };
}

export function teardown({ task }) {
  http.send('remove_task', 'DELETE', `${TASKS}/${task}`);
}
