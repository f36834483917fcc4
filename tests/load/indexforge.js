// indexforge: documents at app-service, models at ml-service. What a key may ask in a minute is shared out among the keys.

import { HttpClient, member } from './lib/http.js';
import { mix } from './lib/mix.js';
import { apiKeys, needed } from './lib/settings.js';
import { optionsOf } from './lib/system.js';
import { turn } from './lib/turns.js';

const DOCUMENTS = '/api/v1/documents';
const MODELS = '/api/v1/ml';
const TEXT = 'a load test asks for what is like this';

const keys = needed(apiKeys, 'LOAD_API_KEYS');
const http = new HttpClient('indexforge', () => ({ apikey: keys[turn() % keys.length] }));

export const options = optionsOf(
  'indexforge',
  {
    api: { exec: 'api', endpoints: { list_documents: 'http', read_document: 'http', index_document: 'http' } },
    ml: { exec: 'ml', endpoints: { embed: 'http', search: 'http' } },
  },
  keys.length,
);

function index() {
  return member(http.send('index_document', 'POST', DOCUMENTS, { body: { text: TEXT }, read: true }), 'id');
}

export const api = mix({
  list_documents: [50, () => http.send('list_documents', 'GET', DOCUMENTS)],
  read_document: [30, ({ document }) => http.send('read_document', 'GET', `${DOCUMENTS}/${document}`)],
  index_document: [20, index],
});

export const ml = mix({
  embed: [50, () => http.send('embed', 'POST', `${MODELS}/embeddings`, { body: { text: TEXT } })],
  search: [50, () => http.send('search', 'POST', `${MODELS}/search`, { body: { query: TEXT, limit: 10 } })],
});

export function setup() {
  return { document: index() };
}

export function teardown({ document }) {
  http.send('remove_document', 'DELETE', `${DOCUMENTS}/${document}`);
}
