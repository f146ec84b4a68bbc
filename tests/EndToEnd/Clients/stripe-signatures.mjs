// Signs and verifies webhooks with the official library, and tells the API version it speaks.
// node stripe-signatures.mjs version
// node stripe-signatures.mjs sign FILE SECRET SECONDS
// node stripe-signatures.mjs verify FILE SECRET HEADER SECONDS
import { readFileSync } from 'node:fs';
import Stripe from 'stripe';

const stripe = new Stripe('sk_test_unused');
const [act, file, secret, ...rest] = process.argv.slice(2);
if (act === 'version') {
  console.log(stripe.getApiField('version') ?? Stripe.API_VERSION);
} else if (act === 'sign') {
  const payload = readFileSync(file, 'utf8');
  console.log(stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Number(rest[0]) }));
} else {
  const [header, seconds] = rest;
  const event = stripe.webhooks.constructEvent(readFileSync(file), header, secret, 300, undefined, Number(seconds) * 1000);
  console.log(event.id);
}
