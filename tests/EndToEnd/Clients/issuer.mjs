// A real OpenID Connect issuer on this machine. node issuer.mjs REDIRECT_URI…; prints its address once it is ready.
// Whoever signs in there is who they say they are: the login is the subject, and LOGIN@issuer.example the address.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'quoin', client_secret: 'only-for-tests', redirect_uris: process.argv.slice(2) }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['only-for-tests'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} of the issuer`, email: `${id}@issuer.example`, email_verified: !id.startsWith('unproved') }),
    }),
  });
  server.on('request', provider.callback());
  console.log(`ready ${issuer}`);
});
