// openid-client (a certified OpenID Connect relying party), unchanged, through every flow that it knows and we offer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as jose from 'jose';
import * as client from 'openid-client';
import { ADMIN, Browser } from './browser.mjs';

const ISSUER = new URL(process.env.ISSUER);
const REGISTRATION_TOKEN = 'harbor-registration';
const CALLBACK = 'http://127.0.0.1:8765/callback';
const NATIVE_CALLBACK = 'http://127.0.0.1:49152/callback';
const insecure = { execute: [client.allowInsecureRequests] };

const discover = (id, secret, auth, options = {}) =>
  client.discovery(ISSUER, id, secret, auth, { ...insecure, ...options });
const web = (options) => discover('demo-web', 'demo-web-secret', client.ClientSecretBasic('demo-web-secret'), options);

async function register(metadata, auth) {
  return client.dynamicClientRegistration(ISSUER, { client_name: 'Interop', ...metadata }, auth, {
    ...insecure,
    initialAccessToken: REGISTRATION_TOKEN,
  });
}

/** Ask with PKCE, state and nonce, be the person, and redeem the code. */
async function codeFlow(config, { redirect = CALLBACK, scope = 'openid profile email users:read', extra = {}, build, options, person } = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const parameters = {
    redirect_uri: redirect,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...extra,
  };
  const start = build ? await build(parameters) : client.buildAuthorizationUrl(config, parameters);
  const browser = new Browser(person);
  const arrival = await browser.visit(start, redirect);
  const tokens = await client.authorizationCodeGrant(
    config,
    arrival,
    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
    undefined,
    options,
  );
  return { tokens, arrival, browser, parameters };
}

async function signingKey(alg = 'ES256') {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await jose.exportJWK(publicKey)), kid: `interop-${alg}`, alg, use: 'sig' };
  return { jwk, key: { key: privateKey, kid: jwk.kid } };
}

test('discovery by OpenID Connect and by RFC 8414 agree on the issuer', async () => {
  const oidc = await web();
  const oauth = await web({ algorithm: 'oauth2' });
  assert.equal(oidc.serverMetadata().issuer, ISSUER.href.replace(/\/$/, ''));
  assert.equal(oauth.serverMetadata().token_endpoint, oidc.serverMetadata().token_endpoint);
});

test('code flow with client_secret_basic: iss, state, nonce, at_hash, userinfo, refresh with rotation', async () => {
  const config = await web();
  client.enableNonRepudiationChecks(config);
  const { tokens, arrival } = await codeFlow(config);
  assert.equal(arrival.searchParams.get('iss'), config.serverMetadata().issuer);
  const claims = tokens.claims();
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(info.email, 'user@acme.example');
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' });
});

test('code flow with client_secret_post', async () => {
  const config = await register(
    { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_post', scope: 'openid profile email users:read' },
    client.ClientSecretPost(),
  );
  const { tokens } = await codeFlow(config);
  assert.equal(tokens.token_type, 'bearer');
});

test('code flow as a public native application on a port of its own', async () => {
  const config = await discover('demo-native', undefined, client.None());
  const { tokens } = await codeFlow(config, { redirect: NATIVE_CALLBACK });
  assert.ok(tokens.refresh_token);
});

test('code flow with private_key_jwt', async () => {
  const { jwk, key } = await signingKey();
  const config = await register(
    { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256', jwks: { keys: [jwk] }, scope: 'openid profile email users:read' },
    client.PrivateKeyJwt(key),
  );
  const { tokens } = await codeFlow(config);
  assert.ok(tokens.claims().sub);
});

for (const alg of ['RS256', 'EdDSA']) {
  test(`an ID token signed with ${alg} for a client that registered it`, async () => {
    const config = await register(
      { redirect_uris: [CALLBACK], id_token_signed_response_alg: alg, scope: 'openid profile email users:read' },
      client.ClientSecretBasic(),
    );
    client.enableNonRepudiationChecks(config);
    const { tokens } = await codeFlow(config);
    assert.equal(jose.decodeProtectedHeader(tokens.id_token).alg, alg);
  });
}

test('client credentials, introspection and revocation', async () => {
  const config = await discover('demo-connector', undefined, client.ClientSecretBasic('demo-connector-secret'));
  const tokens = await client.clientCredentialsGrant(config, { scope: 'users:read' });
  const before = await client.tokenIntrospection(config, tokens.access_token);
  await client.tokenRevocation(config, tokens.access_token);
  const after = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([before.active, before.scope, after.active], [true, 'users:read', false]);
});

test('a wrong secret is told as invalid_client', async () => {
  const config = await discover('demo-connector', undefined, client.ClientSecretBasic('wrong'));
  await assert.rejects(client.clientCredentialsGrant(config), { status: 401 });
});

test('pushed authorization request', async () => {
  const config = await web();
  const { tokens } = await codeFlow(config, { build: (parameters) => client.buildAuthorizationUrlWithPAR(config, parameters) });
  assert.ok(tokens.access_token);
});

test('signed request object, plain and pushed', async () => {
  const { jwk, key } = await signingKey();
  const config = await register(
    { redirect_uris: [CALLBACK], request_object_signing_alg: 'ES256', jwks: { keys: [jwk] }, scope: 'openid profile email users:read' },
    client.ClientSecretBasic(),
  );
  const plain = await codeFlow(config, { build: (parameters) => client.buildAuthorizationUrlWithJAR(config, parameters, key) });
  const pushed = await codeFlow(config, {
    build: async (parameters) => {
      const signed = await client.buildAuthorizationUrlWithJAR(config, parameters, key);
      return client.buildAuthorizationUrlWithPAR(config, signed.searchParams);
    },
  });
  assert.ok(plain.tokens.access_token && pushed.tokens.access_token);
});

test('DPoP at the token endpoint, at refresh and at the API', async () => {
  const config = await discover('demo-native', undefined, client.None());
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
  const { tokens } = await codeFlow(config, {
    redirect: NATIVE_CALLBACK,
    options: { DPoP },
    extra: { dpop_jkt: await DPoP.calculateThumbprint() },
  });
  assert.equal(tokens.token_type, 'dpop');
  const api = await client.fetchProtectedResource(config, tokens.access_token, new URL('/v1/users?limit=1', ISSUER), 'GET', null, undefined, { DPoP });
  assert.equal(api.status, 200);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.equal(refreshed.token_type, 'dpop');
  await assert.rejects(client.fetchProtectedResource(config, refreshed.access_token, new URL('/v1/users', ISSUER), 'GET'), (error) => error.status === 401);
  const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token, undefined, { DPoP: other }));
});

test('rich authorization request', async () => {
  const config = await web();
  const details = [{ type: 'harbor_project', actions: ['read'], identifier: 'prj_demo' }];
  const { tokens } = await codeFlow(config, { extra: { authorization_details: JSON.stringify(details) } });
  assert.equal(tokens.authorization_details[0].type, 'harbor_project');
});

test('device authorization', async () => {
  const config = await discover('demo-native', undefined, client.None());
  const device = await client.initiateDeviceAuthorization(config, { scope: 'openid users:read' });
  const waiting = client.pollDeviceAuthorizationGrant(config, { ...device, interval: 1 });
  await new Browser().approve(device.verification_uri_complete);
  const tokens = await waiting;
  assert.ok(tokens.access_token && tokens.refresh_token);
});

test('token exchange narrows a token', async () => {
  const config = await register(
    { grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'], response_types: [], scope: 'users:read groups:read' },
    client.ClientSecretBasic(),
  );
  const own = await client.clientCredentialsGrant(config);
  const exchanged = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: own.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    scope: 'users:read',
  });
  assert.equal(exchanged.scope, 'users:read');
  assert.equal(exchanged.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
});

test('step-up: max_age and acr are in the ID token', async () => {
  const config = await web();
  const { tokens } = await codeFlow(config, { extra: { max_age: '60' } });
  assert.ok(tokens.claims().auth_time > 0);
});

test('RP-initiated logout comes back', async () => {
  const after = 'http://127.0.0.1:8765/bye';
  const config = await register(
    { redirect_uris: [CALLBACK], grant_types: ['authorization_code', 'refresh_token'], post_logout_redirect_uris: [after], scope: 'openid profile email users:read' },
    client.ClientSecretBasic(),
  );
  const { tokens, browser } = await codeFlow(config);
  const url = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: after, state: 'bye' });
  const arrival = await browser.visit(url, after);
  assert.equal(arrival.searchParams.get('state'), 'bye');
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
});

test('an administrator gets what a member does not', async () => {
  const config = await web();
  const member = await codeFlow(config, { scope: 'openid users:read users:write' });
  const admin = await codeFlow(config, { scope: 'openid users:read users:write', person: ADMIN });
  assert.deepEqual([member.tokens.scope, admin.tokens.scope], ['openid users:read', 'openid users:read users:write']);
});
