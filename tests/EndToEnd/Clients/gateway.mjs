// Lets the official libraries loose on the gateway: node gateway.mjs ADDRESS KEY
// Says "done" when everything they expect of their vendors is so, and fails otherwise.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';

const [address, key] = process.argv.slice(2);
const openai = new OpenAI({ baseURL: new URL('/v1', address).href, apiKey: key, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: new URL(address).origin, apiKey: key, maxRetries: 0 });
const roads = ['', 'over-anthropic/', 'over-openai/'];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const user = (content) => [{ role: 'user', content }];
const steps = [];
const step = (name, act) => roads.forEach((road) => steps.push([`${name} by '${road}'`, () => act(road)]));
const once = (name, act) => steps.push([name, act]);

step('chat', async (road) => {
  const answer = await openai.chat.completions.create({ model: `${road}demo-echo`, messages: user('one two three') });
  assert.equal(answer.choices[0].message.content, 'one two three');
  assert.equal(answer.usage.total_tokens, 6);
  assert.match(answer._request_id, /^req_/);
});

step('chat, streamed', async (road) => {
  const stream = openai.chat.completions.stream({
    model: `${road}demo-reason`, messages: user('one two three'), stream_options: { include_usage: true } });
  const answer = await stream.finalChatCompletion();
  assert.equal(answer.choices[0].message.content, 'one two three');
  assert.equal((await stream.totalUsage()).completion_tokens, 6);
});

step('chat without usage asked for', async (road) => {
  let last;
  for await (const chunk of await openai.chat.completions.create({
    model: `${road}demo-echo`, messages: user('one'), stream: true })) {
    assert.equal(chunk.choices.length, 1);
    assert.equal(chunk.usage ?? null, null);
    last = chunk;
  }
  assert.equal(last.choices[0].finish_reason, 'stop');
});

step('tools of chat, run by the library', async (road) => {
  const runner = openai.chat.completions.runTools({
    model: `${road}demo-tools`, messages: user('How is it?'), stream: true,
    tools: [{ type: 'function', function: { name: 'weather', parameters, parse: JSON.parse, function: ({ city }) => `sunny in ${city}` } }] });
  assert.equal(await runner.finalContent(), 'The tool said: sunny in demo');
});

step('responses', async (road) => {
  const answer = await openai.responses.create({ model: `${road}demo-echo`, input: 'one two three', instructions: 'Be brief.' });
  assert.equal(answer.output_text, 'one two three');
  assert.equal(answer.usage.input_tokens, 5);
});

step('responses, streamed', async (road) => {
  const kinds = [];
  const stream = openai.responses.stream({ model: `${road}demo-reason`, input: 'one two' });
  stream.on('event', (event) => kinds.push(event.type));
  const answer = await stream.finalResponse();
  assert.equal(answer.output_text, 'one two');
  assert.deepEqual(kinds.slice(0, 3), ['response.created', 'response.in_progress', 'response.output_item.added']);
  assert.equal(kinds.at(-1), 'response.completed');
});

step('tools of responses', async (road) => {
  const stream = openai.responses.stream({
    model: `${road}demo-tools`, input: 'How is it?', tools: [{ type: 'function', name: 'weather', parameters, strict: false }] });
  const [call] = (await stream.finalResponse()).output;
  assert.equal(call.type, 'function_call');
  assert.equal(JSON.parse(call.arguments).city, 'demo');
  const told = await openai.responses.create({ model: `${road}demo-tools`, input: [
    { role: 'user', content: 'How is it?' }, call, { type: 'function_call_output', call_id: call.call_id, output: 'sunny' }] });
  assert.equal(told.output_text, 'The tool said: sunny');
});

step('messages', async (road) => {
  const answer = await anthropic.messages.create({ model: `${road}demo-echo`, max_tokens: 100, messages: user('one two three') });
  assert.equal(answer.content[0].text, 'one two three');
  assert.equal(answer.stop_reason, 'end_turn');
  assert.equal(answer.usage.input_tokens, 3);
});

step('messages, streamed and cut', async (road) => {
  const stream = anthropic.messages.stream({ model: `${road}demo-echo`, max_tokens: 2, messages: user('one two three') });
  const answer = await stream.finalMessage();
  assert.equal(answer.content[0].text.trim(), 'one two');
  assert.equal(answer.stop_reason, 'max_tokens');
  assert.equal(answer.usage.input_tokens, 3);
  assert.equal(answer.usage.output_tokens, 2);
});

step('tools of messages', async (road) => {
  const asking = { model: `${road}demo-tools`, max_tokens: 100, tools: [{ name: 'weather', input_schema: parameters }] };
  const asked = await anthropic.messages.stream({ ...asking, messages: user('How is it?') }).finalMessage();
  const call = asked.content.find((block) => block.type === 'tool_use');
  assert.equal(call.input.city, 'demo');
  const told = await anthropic.messages.create({ ...asking, messages: [
    ...user('How is it?'), { role: 'assistant', content: asked.content },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] }] });
  assert.equal(told.content[0].text, 'The tool said: sunny');
});

step('thoughts', async (road) => {
  const answer = await anthropic.messages.stream({ model: `${road}demo-reason`, max_tokens: 100, messages: user('one') }).finalMessage();
  assert.deepEqual(answer.content.map((block) => block.type), ['thinking', 'text']);
});

step('a stream that breaks off', async (road) => {
  const chat = await openai.chat.completions.create({ model: `${road}demo-break`, messages: user('a b c d e f'), stream: true });
  await assert.rejects(async () => { for await (const chunk of chat) assert.ok(chunk); }, OpenAI.APIError);
  const messages = anthropic.messages.stream({ model: `${road}demo-break`, max_tokens: 100, messages: user('a b c d e f') });
  await assert.rejects(messages.finalMessage(), Anthropic.AnthropicError);
});

once('errors', async () => {
  const asked = (model) => openai.chat.completions.create({ model, messages: user('x') });
  await assert.rejects(asked('no-such-model'), OpenAI.NotFoundError);
  await assert.rejects(asked('demo-error-400'), OpenAI.BadRequestError);
  await assert.rejects(asked('demo-error-429'), OpenAI.RateLimitError);
  await assert.rejects(asked('demo-error-500'), OpenAI.InternalServerError);
  const said = (model) => anthropic.messages.create({ model, max_tokens: 10, messages: user('x') });
  await assert.rejects(said('no-such-model'), Anthropic.NotFoundError);
  await assert.rejects(said('over-openai/demo-error-400'), Anthropic.BadRequestError);
  const stranger = new Anthropic({ baseURL: new URL(address).origin, authToken: 'nonsense', maxRetries: 0 });
  await assert.rejects(stranger.messages.create({ model: 'demo-echo', max_tokens: 1, messages: user('x') }), (error) =>
    error instanceof Anthropic.AuthenticationError && error.error.error.type === 'authentication_error');
});

once('embeddings, completions, models', async () => {
  const numbers = await openai.embeddings.create({ model: 'demo-embed', input: ['one two', 'three'], dimensions: 4 });
  assert.equal(numbers.data[1].embedding.length, 4);
  assert.equal(numbers.usage.prompt_tokens, 3);
  let text = '';
  for await (const chunk of await openai.completions.create({ model: 'demo-echo', prompt: 'one two', stream: true })) text += chunk.choices[0].text;
  assert.equal(text, 'one two');
  assert.ok((await openai.models.list()).data.some((model) => model.id === 'demo-echo'));
  assert.ok((await anthropic.models.list()).data.some((model) => model.id === 'demo-echo'));
  assert.equal((await anthropic.messages.countTokens({ model: 'demo-echo', messages: user('one two three') })).input_tokens, 3);
});

for (const [name, act] of steps) {
  await act().catch((failure) => { throw new Error(name, { cause: failure }); });
}
console.log('done');
