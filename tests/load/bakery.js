// bakery: what its gateway offers to visitors: products, the nearest shop (an address is looked up in Nominatim), orders.

import { HttpClient, bearer, member } from './lib/http.js';
import { mix } from './lib/mix.js';
import { token } from './lib/settings.js';
import { optionsOf } from './lib/system.js';

const ADDRESSES = ['Gran Via 28, Madrid', 'Carrer de Mallorca 401, Barcelona', 'Calle Sierpes 17, Sevilla'];
const ORDER = { customer: 'load test', lines: [{ product: 'load-test', quantity: 1 }] };

const http = new HttpClient('bakery', () => bearer(token));

export const options = optionsOf('bakery', {
  web: { exec: 'web', endpoints: { list_products: 'http', nearest_shop: 'http', read_order: 'http', place_order: 'http' } },
});

function nearestShop() {
  const address = ADDRESSES[__ITER % ADDRESSES.length];
  http.send('nearest_shop', 'GET', `/api/shops/nearest?address=${encodeURIComponent(address)}`);
}

function placeOrder() {
  return member(http.send('place_order', 'POST', '/api/orders', { body: ORDER, read: true }), 'id');
}

export const web = mix({
  list_products: [50, () => http.send('list_products', 'GET', '/api/products')],
  nearest_shop: [20, nearestShop],
  read_order: [20, ({ order }) => http.send('read_order', 'GET', `/api/orders/${order}`)],
  place_order: [10, placeOrder],
});

export function setup() {
  return { order: placeOrder() };
}

export function teardown({ order }) {
  http.send('cancel_order', 'DELETE', `/api/orders/${order}`);
}
