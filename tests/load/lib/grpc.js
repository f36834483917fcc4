// Calls of gRPC over TLS, each under the name of its endpoint. A connection lasts as long as its virtual user.

import grpc from 'k6/net/grpc';

import { outcome } from './outcome.js';
import { hostOf } from './system.js';

const PORT = 443;
const TIMEOUT = '10s';

/** What stands for an answer where there is no connection. */
const UNREACHED = { status: null, message: null };

/** A client of one service, whose messages a file of protos/ describes. */
export class GrpcClient {
  constructor(system, service, file) {
    this.address = `${hostOf(system)}:${PORT}`;
    this.service = service;
    this.connected = false;
    this.client = new grpc.Client();
    // From the folder of this module, whichever a script is in.
    this.client.load([import.meta.resolve('../protos').replace('file://', '')], file);
  }

  /** Calls a method and notes what came of it. Returns the answer's message, `null` where it is an error. */
  call(name, method, message, metadata = {}) {
    const params = { metadata, tags: { name }, timeout: TIMEOUT };
    const answer = this.connect() ? this.client.invoke(`${this.service}/${method}`, message, params) : UNREACHED;
    return outcome(name, answer, { 'status is right': ({ status }) => status === grpc.StatusOK }) ? answer.message : null;
  }

  connect() {
    try {
      if (!this.connected) {
        this.client.connect(this.address, { timeout: TIMEOUT });
        this.connected = true;
      }
    } catch (error) {
      console.warn(`${this.address}: ${error}`);
    }
    return this.connected;
  }
}
