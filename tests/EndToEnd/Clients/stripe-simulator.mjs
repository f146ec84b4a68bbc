// Lets the official library loose on the Stripe simulator: node stripe-simulator.mjs ADDRESS
// Says "done" when everything it expects of Stripe is so, and fails otherwise.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import Stripe from 'stripe';

const address = new URL(process.argv[2]);
const options = { host: address.hostname, port: address.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false };
const stripe = new Stripe('sk_test_official', options);
const steps = [];
const step = (name, act) => steps.push([name, act]);
const control = async (path, body, method = 'POST') => {
  const answer = await fetch(new URL(path, address), {
    method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
};
const day = 24 * 3600;
const advance = (seconds) => control('/_simulator/clock', { advance_seconds: seconds });
const pay = async (url, number, more = {}) => fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({
  number, expiry: '12 / 40', cvc: '123', name: 'Test Payer', email: 'payer@example.com', ...more }) });
const refused = async (call, wanted) => {
  const error = await call.then(() => assert.fail('it was not refused'), (failure) => failure);
  for (const [name, value] of Object.entries(wanted)) assert.equal(error[name], value, `${name} of ${error.message}`);
  assert.match(error.requestId ?? error.headers['request-id'], /^req_/);
  return error;
};
const page = (price, mode = 'payment', more = {}) => stripe.checkout.sessions.create({
  mode, line_items: [{ price, quantity: 1 }], success_url: 'https://example.com/?s={CHECKOUT_SESSION_ID}', ...more });

const news = [];
const hook = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    news.push({ body: Buffer.concat(chunks), signature: request.headers['stripe-signature'] });
    response.end('{}');
  });
});
await new Promise((resolve) => hook.listen(0, '127.0.0.1', resolve));

let endpoint, customer, monthly, dearer, once;

step('webhook endpoints', async () => {
  endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${hook.address().port}/`, enabled_events: ['*'] });
  assert.match(endpoint.id, /^we_/);
  assert.match(endpoint.secret, /^whsec_/);
  assert.equal((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret, undefined);
});

step('customers and metadata', async () => {
  customer = await stripe.customers.create({ email: 'a@example.com', name: 'Acme', metadata: { a: '1', b: 'x & y = z' } });
  assert.match(customer.id, /^cus_\w{14}$/);
  assert.deepEqual(customer.metadata, { a: '1', b: 'x & y = z' });
  assert.equal(customer.lastResponse.apiVersion, stripe.getApiField('version'));
  const changed = await stripe.customers.update(customer.id, { metadata: { a: '', c: '3' }, name: 'Acme Ltd' });
  assert.deepEqual(changed.metadata, { b: 'x & y = z', c: '3' });
  assert.equal(changed.name, 'Acme Ltd');
});

step('products and prices', async () => {
  const product = await stripe.products.create({ name: 'Pro', description: 'All of it' });
  monthly = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 2000, recurring: { interval: 'month' } });
  dearer = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 5000, recurring: { interval: 'month' } });
  once = await stripe.prices.create({ currency: 'usd', unit_amount: 1000, product_data: { name: 'Credit' }, lookup_key: 'credit' });
  assert.equal(monthly.type, 'recurring');
  assert.equal((await stripe.prices.list({ lookup_keys: ['credit'] })).data[0].id, once.id);
  assert.equal((await stripe.prices.list({ product: product.id })).data.length, 2);
});

step('errors', async () => {
  await refused(stripe.customers.retrieve('cus_none'), { type: 'StripeInvalidRequestError', code: 'resource_missing', statusCode: 404 });
  await refused(page('price_none'), { code: 'resource_missing', statusCode: 400, param: 'line_items[0][price]' });
  await refused(stripe.checkout.sessions.create({ mode: 'payment', line_items: [{ price: once.id }] }), { code: 'parameter_missing', param: 'success_url' });
  await refused(stripe.customers.create({ colour: 'red' }), { code: 'parameter_unknown', param: 'colour' });
  await refused(page(once.id, 'payment', { expires_at: Math.floor(Date.now() / 1000) + 60 }), { param: 'expires_at' });
  await refused(page(monthly.id), { param: 'line_items' });
  await refused(new Stripe('sk_live_wrong', options).customers.list(), { type: 'StripeAuthenticationError', statusCode: 401 });
  await refused(stripe.rawRequest('GET', '/v1/nothing'), { statusCode: 404 });
  await refused(stripe.customers.retrieve(customer.id, { expand: ['name.first'] }), { statusCode: 400 });
});

step('lists and their pages', async () => {
  const made = [];
  for (let index = 0; index < 25; index++) made.unshift((await stripe.customers.create({ email: 'many@example.com' })).id);
  const first = await stripe.customers.list({ email: 'many@example.com', limit: 10 });
  assert.deepEqual(first.data.map((one) => one.id), made.slice(0, 10));
  assert.equal(first.has_more, true);
  assert.equal(first.url, '/v1/customers');
  const all = await stripe.customers.list({ email: 'many@example.com', limit: 7 }).autoPagingToArray({ limit: 100 });
  assert.deepEqual(all.map((one) => one.id), made);
  const back = await stripe.customers.list({ email: 'many@example.com', limit: 5, ending_before: made[10] });
  assert.deepEqual(back.data.map((one) => one.id), made.slice(5, 10));
  const since = (await stripe.customers.retrieve(made[0])).created;
  assert.equal((await stripe.customers.list({ email: 'many@example.com', created: { gt: since } })).data.length, 0);
  assert.notEqual((await stripe.customers.list({ created: { gte: since, lte: since + 1 } })).data.length, 0);
  await refused(stripe.customers.list({ starting_after: 'cus_none' }), { param: 'starting_after' });
  await refused(stripe.customers.list({ limit: 101 }), { param: 'limit' });
});

step('idempotency', async () => {
  const key = { idempotencyKey: 'one-customer' };
  const first = await stripe.customers.create({ email: 'once@example.com', metadata: { b: '2', a: '1' } }, key);
  const again = await stripe.customers.create({ metadata: { a: '1', b: '2' }, email: 'once@example.com' }, key);
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
  await refused(stripe.customers.create({ email: 'other@example.com' }, key), { type: 'StripeIdempotencyError', statusCode: 400 });
  await refused(page('price_none', 'payment'), { statusCode: 400 });
  const lost = { idempotencyKey: 'refused-before-it-ran' };
  await refused(stripe.customers.create({ colour: 'red' }, lost), { code: 'parameter_unknown' });
  await stripe.customers.create({ email: 'later@example.com' }, lost);
  await control('/_simulator/faults', { kind: 'delay', method: 'POST', path: '/v1/customers', delay_ms: 1000 });
  const busy = { idempotencyKey: 'busy' };
  const slow = stripe.customers.create({ email: 'slow@example.com' }, busy);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await refused(stripe.customers.create({ email: 'slow@example.com' }, busy), { statusCode: 409, code: 'idempotency_key_in_use' });
  assert.match((await slow).id, /^cus_/);
});

step('retries of the library itself', async () => {
  const patient = new Stripe('sk_test_official', { ...options, maxNetworkRetries: 2 });
  for (const fault of [{ kind: 'reset_after' }, { kind: 'error_after', is_kept: false }, { kind: 'error_before', is_kept: false }]) {
    await control('/_simulator/faults', { ...fault, method: 'POST', path: '/v1/customers' });
    const before = (await stripe.customers.list({ email: 'patient@example.com', limit: 100 })).data.length;
    assert.match((await patient.customers.create({ email: 'patient@example.com' })).id, /^cus_/);
    assert.equal((await stripe.customers.list({ email: 'patient@example.com', limit: 100 })).data.length, before + 1, fault.kind);
  }
  await control('/_simulator/faults', { kind: 'rate_limit', path: '/v1/customers' });
  await refused(stripe.customers.list(), { type: 'StripeRateLimitError', statusCode: 429 });
});

let subscription;

step('a checkout that begins a subscription', async () => {
  const metadata = { operation_key: 'k1' };
  const session = await page(monthly.id, 'subscription', { customer: customer.id, metadata, subscription_data: { metadata },
    client_reference_id: 'acct', cancel_url: 'https://example.com/no', expand: ['line_items'] });
  assert.match(session.id, /^cs_test_/);
  assert.equal(session.status, 'open');
  assert.equal(session.amount_total, 2000);
  assert.equal(session.line_items.data[0].price.id, monthly.id);
  assert.equal((await stripe.checkout.sessions.listLineItems(session.id)).data.length, 1);
  assert.equal((await pay(session.url, '4000 0000 0000 0002')).status, 200);
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open');
  const paid = await pay(session.url, '4242 4242 4242 4242');
  assert.equal(paid.headers.get('location'), `https://example.com/?s=${session.id}`);
  const done = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['subscription.latest_invoice.payments.data.payment.payment_intent', 'customer.invoice_settings'] })
    .catch(() => stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription.latest_invoice.payments', 'customer'] }));
  subscription = done.subscription;
  assert.equal(done.status, 'complete');
  assert.equal(done.payment_status, 'paid');
  assert.equal(done.url, null);
  assert.equal(done.customer.id, customer.id);
  assert.equal(subscription.status, 'active');
  assert.deepEqual(subscription.metadata, metadata);
  assert.equal(subscription.items.data[0].price.id, monthly.id);
  assert.equal(subscription.latest_invoice.status, 'paid');
  assert.equal(subscription.latest_invoice.parent.subscription_details.subscription, subscription.id);
  assert.equal(subscription.latest_invoice.payments.data[0].status, 'paid');
  await refused(stripe.checkout.sessions.expire(session.id), { statusCode: 400 });
});

step('a changed subscription costs what its preview said', async () => {
  const change = { items: [{ id: subscription.items.data[0].id, price: dearer.id }], proration_behavior: 'always_invoice' };
  const at = subscription.items.data[0].current_period_start + 15 * day;
  await advance(15 * day);
  const preview = await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: { ...change, proration_date: at } });
  const changed = await stripe.subscriptions.update(subscription.id, { ...change, proration_date: at, expand: ['latest_invoice'] });
  assert.ok(preview.amount_due > 0);
  assert.equal(changed.latest_invoice.amount_paid, preview.amount_due);
  assert.equal(changed.items.data[0].price.id, dearer.id);
  const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  assert.equal(ending.cancel_at_period_end, true);
  const going = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false, pause_collection: { behavior: 'void' } });
  assert.equal(going.pause_collection.behavior, 'void');
  assert.equal((await stripe.subscriptions.update(subscription.id, { pause_collection: '' })).pause_collection, null);
  assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 1);
  assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, 'canceled');
  await refused(stripe.subscriptions.cancel(subscription.id), { statusCode: 404, code: 'resource_missing' });
  assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 0);
  assert.equal((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data.length, 1);
});

step('a checkout paid once, with an invoice, and 3-D Secure', async () => {
  const session = await page(once.id, 'payment', { customer_creation: 'always', invoice_creation: { enabled: true, invoice_data: { metadata: { k: 'v' } } },
    payment_intent_data: { metadata: { k: 'v' } } });
  const asked = await pay(session.url, '4000 0025 0000 3155');
  const challenge = new URL(asked.headers.get('location'), session.url);
  assert.match(challenge.pathname, /^\/challenge\/pi_/);
  const failed = await fetch(challenge, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome: 'fail' }) });
  assert.equal(failed.status, 200);
  const twice = new URL((await pay(session.url, '4000 0025 0000 3155')).headers.get('location'), session.url);
  const passed = await fetch(twice, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome: 'complete' }) });
  assert.equal(passed.status, 303);
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge.balance_transaction', 'invoice'] });
  assert.equal(done.payment_status, 'paid');
  assert.deepEqual(done.payment_intent.metadata, { k: 'v' });
  assert.deepEqual(done.invoice.metadata, { k: 'v' });
  assert.equal(done.invoice.status, 'paid');
  assert.equal(done.payment_intent.latest_charge.balance_transaction.fee, 59);
  const payments = await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: done.payment_intent.id } });
  assert.equal(payments.data[0].invoice, done.invoice.id);
});

step('payments without the customer', async () => {
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  const charge = (payment_method) => stripe.paymentIntents.create({ amount: 700, currency: 'usd', customer: customer.id, payment_method, off_session: true, confirm: true });
  assert.equal((await charge(method.id)).status, 'succeeded');
  const later = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
  const error = await refused(charge(later.id), { type: 'StripeCardError', code: 'card_declined', decline_code: 'generic_decline', statusCode: 402 });
  assert.equal(error.payment_intent.status, 'requires_payment_method');
  const asks = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer: customer.id });
  await refused(charge(asks.id), { code: 'authentication_required', statusCode: 402 });
  assert.equal((await stripe.customers.listPaymentMethods(customer.id, { type: 'card' })).data.length >= 3, true);
  assert.equal((await stripe.paymentMethods.detach(later.id)).customer, null);
  await refused(stripe.paymentMethods.detach(later.id), { statusCode: 400 });
});

step('refunds and disputes', async () => {
  const session = await page(once.id);
  await pay(session.url, '4000 0000 0000 0259');
  const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id);
  const [dispute] = (await stripe.disputes.list({ payment_intent })).data;
  assert.equal(dispute.status, 'needs_response');
  await refused(stripe.refunds.create({ payment_intent }), { code: 'charge_disputed' });
  const file = await stripe.files.create({ purpose: 'dispute_evidence', file: { data: Buffer.from('%PDF-1.4'), name: 'a.pdf', type: 'application/pdf' } });
  const won = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence', receipt: file.id }, submit: true });
  assert.equal(won.status, 'won');
  assert.equal(won.balance_transactions.length, 2);
  const other = await page(once.id);
  await pay(other.url, '4242 4242 4242 4242');
  const paid = (await stripe.checkout.sessions.retrieve(other.id)).payment_intent;
  const refund = await stripe.refunds.create({ payment_intent: paid, amount: 400, reason: 'requested_by_customer', metadata: { k: 'v' } });
  assert.equal(refund.status, 'succeeded');
  await refused(stripe.refunds.create({ payment_intent: paid, amount: 601 }), { statusCode: 400 });
  await stripe.refunds.create({ payment_intent: paid });
  await refused(stripe.refunds.create({ payment_intent: paid }), { code: 'charge_already_refunded' });
});

step('payment links and the portal', async () => {
  const link = await stripe.paymentLinks.create({ line_items: [{ price: once.id, quantity: 2 }], metadata: { k: 'v' },
    after_completion: { type: 'redirect', redirect: { url: 'https://example.com/thanks' } }, customer_creation: 'always', invoice_creation: { enabled: true } });
  const visit = await fetch(link.url, { redirect: 'manual' });
  const paid = await pay(new URL(visit.headers.get('location'), link.url), '4242 4242 4242 4242');
  assert.equal(paid.headers.get('location'), 'https://example.com/thanks');
  const [session] = (await stripe.checkout.sessions.list({ payment_link: link.id })).data;
  assert.deepEqual(session.metadata, { k: 'v' });
  assert.equal(session.amount_total, 2000);
  await stripe.paymentLinks.update(link.id, { active: false });
  assert.match(await (await fetch(link.url)).text(), /no longer active/);
  const portal = await stripe.billingPortal.sessions.create({ customer: customer.id, return_url: 'https://example.com/back' });
  assert.match(await (await fetch(portal.url)).text(), /Payment methods/);
});

step('balance and payouts', async () => {
  await advance(5 * day);
  const [payout] = (await stripe.payouts.list()).data;
  assert.match(payout.id, /^po_/);
  const moves = await stripe.balanceTransactions.list({ payout: payout.id, limit: 100 }).autoPagingToArray({ limit: 500 });
  assert.equal(moves.reduce((sum, one) => sum + one.net, 0), 0);
  assert.ok((await stripe.balance.retrieve()).available);
});

step('deleted customers', async () => {
  assert.equal((await stripe.customers.del(customer.id)).deleted, true);
  assert.equal((await stripe.customers.retrieve(customer.id)).deleted, true);
  await refused(page(monthly.id, 'subscription', { customer: customer.id }), { code: 'resource_missing', param: 'customer' });
});

step('webhooks the library verifies', async () => {
  const known = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 5000 });
  while (news.length < known.length) await new Promise((resolve) => setTimeout(resolve, 50));
  const events = news.map((one) => stripe.webhooks.constructEvent(one.body, one.signature, endpoint.secret));
  assert.deepEqual(events.map((one) => one.id), known.map((one) => one.id).reverse());
  assert.equal(events[0].api_version, stripe.getApiField('version'));
  const types = new Set(events.map((one) => one.type));
  for (const type of ['checkout.session.completed', 'customer.subscription.created', 'customer.subscription.updated',
    'customer.subscription.deleted', 'invoice.finalized', 'invoice.paid', 'payment_intent.succeeded', 'payment_intent.payment_failed',
    'payment_method.attached', 'payment_method.detached', 'charge.refunded', 'refund.created', 'charge.dispute.created',
    'charge.dispute.funds_withdrawn', 'charge.dispute.funds_reinstated', 'charge.dispute.closed', 'payout.paid', 'customer.deleted']) {
    assert.ok(types.has(type), type);
  }
  const updated = events.find((one) => one.type === 'customer.updated');
  assert.deepEqual(updated.data.previous_attributes.name, 'Acme');
  assert.throws(() => stripe.webhooks.constructEvent(news[0].body, news[0].signature, 'whsec_other'));
});

for (const [name, act] of steps) {
  try {
    await act();
  } catch (failure) {
    console.error(`${name}: ${failure.stack}`);
    process.exit(1);
  }
}
hook.close();
console.log('done');
process.exit(0);
