// Signs in to a running host as a browser's wallet would: siwe writes the message, viem signs it.
// node sign-in-with-ethereum.mjs URL PRIVATE_KEY; prints what each step was answered, as one line of JSON.
import { SiweMessage } from 'siwe';
import { privateKeyToAccount } from 'viem/accounts';

const [url, key] = process.argv.slice(2);
const account = privateKeyToAccount(key);

const post = async (path, body, cookie) => {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
    body: JSON.stringify(body),
  });
  return { response, body: await response.json() };
};

const write = async (path, changes, cookie) => {
  const { body: given } = await post(path, {}, cookie);
  return new SiweMessage({
    domain: given.domain,
    uri: given.uri,
    address: account.address,
    statement: 'Sign in to Quoin.',
    version: '1',
    chainId: given.chain_ids[0],
    nonce: given.nonce,
    issuedAt: new Date().toISOString(),
    expirationTime: given.expires_at,
    ...changes,
  }).prepareMessage();
};

const attempt = async (changes, spoil = (signature) => signature) => {
  const message = await write('/v1/auth/wallet/nonce', changes);
  const signature = spoil(await account.signMessage({ message }));
  return { message, signature, ...(await post('/v1/auth/wallet/verify', { message, signature })) };
};

const good = await attempt({});
const cookie = good.response.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
const wallets = await fetch(new URL('/v1/me/wallets', url), { headers: { cookie } });
const day = 86_400_000;

console.log(JSON.stringify({
  address: account.address,
  state: good.body.state,
  wallets: (await wallets.json()).data,
  reused: (await post('/v1/auth/wallet/verify', { message: good.message, signature: good.signature })).body.code,
  domain: (await attempt({ domain: 'evil.example' })).body.code,
  chain: (await attempt({ chainId: 56 })).body.code,
  expired: (await attempt({ expirationTime: new Date(Date.now() - day).toISOString() })).body.code,
  early: (await attempt({ notBefore: new Date(Date.now() + day).toISOString() })).body.code,
  tampered: (await attempt({}, (signature) => signature.slice(0, 20) + (signature[20] === '0' ? '1' : '0') + signature.slice(21))).body.code,
}));
