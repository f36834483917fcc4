// orders: calls of OrderService by gRPC, four of five read; payments that are looked at; and people who sign in.

import { GrpcClient } from './lib/grpc.js';
import { HttpClient, bearer, member } from './lib/http.js';
import { mix } from './lib/mix.js';
import { Renewed, session } from './lib/session.js';
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

// A token that is given has to outlive the run.
const renewed = new Renewed(token ? null : signIn);

function signed({ begun }) {
  return bearer(renewed.now(begun));
}

export const calls = mix({
  get_order: [50, (run) => service.call('get_order', 'GetOrder', { order_id: run.order }, signed(run))],
  list_orders: [30, (run) => service.call('list_orders', 'ListOrders', { page_size: 20 }, signed(run))],
  create_order: [20, (run) => service.call('create_order', 'CreateOrder', NEW_ORDER, signed(run))],
});

export function payments(run) {
  http.send('list_payments', 'GET', `/payments?order_id=${run.order}`, { headers: signed(run) });
}

export function auth() {
  signIn();
}

/** A token to begin with, given or of a user who signs in, and an order to read. */
export function setup() {
  const begun = session(token || signIn());
  const made = service.call('create_order', 'CreateOrder', NEW_ORDER, signed({ begun }));
  return { begun, order: made ? made.orderId : '' };
}

export function teardown(run) {
  service.call('cancel_order', 'CancelOrder', { order_id: run.order }, signed(run));
}
