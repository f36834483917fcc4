// orders: calls of OrderService by gRPC, four of five read; payments that are looked at; and people who sign in.

import { GrpcClient } from './lib/grpc.js';
import { HttpClient, bearer, member } from './lib/http.js';
import { mix } from './lib/mix.js';
import { login, needed, token } from './lib/settings.js';
import { optionsOf } from './lib/system.js';

needed(token || login, 'LOAD_USER (with LOAD_PASSWORD), or LOAD_TOKEN,');

const http = new HttpClient('orders');
const service = new GrpcClient('orders', 'orders.v1.OrderService', 'orders.proto');

export const options = optionsOf('orders', {
  calls: { exec: 'calls', endpoints: { get_order: 'grpc', list_orders: 'grpc', create_order: 'grpc' } },
  payments: { exec: 'payments', endpoints: { list_payments: 'http' } },
  // Who has a token alone does not sign in.
  ...(login ? { auth: { exec: 'auth', endpoints: { sign_in: 'http' } } } : {}),
});

const NEW_ORDER = { customer_id: 'load-test', lines: [{ product_id: 'load-test', quantity: 1 }] };

function signIn() {
  return member(http.send('sign_in', 'POST', '/auth/login', { body: login, read: true }), 'access_token');
}

export const calls = mix({
  get_order: [50, ({ held, order }) => service.call('get_order', 'GetOrder', { order_id: order }, bearer(held))],
  list_orders: [30, ({ held }) => service.call('list_orders', 'ListOrders', { page_size: 20 }, bearer(held))],
  create_order: [20, ({ held }) => service.call('create_order', 'CreateOrder', NEW_ORDER, bearer(held))],
});

export function payments({ held, order }) {
  http.send('list_payments', 'GET', `/payments?order_id=${order}`, { headers: bearer(held) });
}

export function auth() {
  signIn();
}

/** A token for the whole run, given or of a user who signs in, and an order to read. */
export function setup() {
  const held = token || signIn();
  const made = service.call('create_order', 'CreateOrder', NEW_ORDER, bearer(held));
  return { held, order: made ? made.orderId : '' };
}

export function teardown({ held, order }) {
  service.call('cancel_order', 'CancelOrder', { order_id: order }, bearer(held));
}
