// oauth4webapi checks every answer against the wire format of its specification and refuses what deviates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import { Browser } from './browser.mjs';

const ISSUER = new URL(process.env.ISSUER);
const CALLBACK = 'http://127.0.0.1:8765/callback';
const API = new URL('/v1', ISSUER);
const insecure = { [oauth.allowInsecureRequests]: true };
const CONNECTOR = { client_id: 'demo-connector' };
const connectorSecret = oauth.ClientSecretBasic('demo-connector-secret');
const WEB = { client_id: 'demo-web' };
const webSecret = oauth.ClientSecretBasic('demo-web-secret');
const NATIVE = { client_id: 'demo-native' };

const discover = async (algorithm = 'oauth2') =>
  oauth.processDiscoveryResponse(ISSUER, await oauth.discoveryRequest(ISSUER, { algorithm, ...insecure }));
const as = await discover();

async function clientToken(client = CONNECTOR, auth = connectorSecret, parameters = {}, options = {}) {
  const response = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, { ...insecure, ...options });
  return oauth.processClientCredentialsResponse(as, client, response);
}

async function register(metadata) {
  const response = await oauth.dynamicClientRegistrationRequest(as, { client_name: 'Wire', ...metadata }, { initialAccessToken: 'harbor-registration', ...insecure });
  return oauth.processDynamicClientRegistrationResponse(response);
}

async function startOf(client, extra = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const parameters = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'users:read',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { verifier, state, parameters };
}

async function code(client, extra) {
  const { verifier, state, parameters } = await startOf(client, extra);
  const arrival = await new Browser().visit(`${as.authorization_endpoint}?${parameters}`, CALLBACK);
  return { verifier, answer: oauth.validateAuthResponse(as, client, arrival, state) };
}

test('OpenID Connect discovery is valid too, and lists what RFC 8414 lists', async () => {
  const provider = await discover('oidc');
  for (const [name, value] of Object.entries(as)) assert.deepEqual(provider[name], value, name);
});

test('protected resource metadata names this server (RFC 9728)', async () => {
  const response = await oauth.resourceDiscoveryRequest(API, insecure);
  const resource = await oauth.processResourceDiscoveryResponse(API, response);
  assert.deepEqual(resource.authorization_servers, [as.issuer]);
});

test('a request without a token is pointed to that metadata (RFC 9728 section 5.1)', async () => {
  const response = await fetch(new URL('/v1/users', ISSUER));
  const pointer = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate'))[1];
  assert.equal(response.status, 401);
  assert.equal((await (await fetch(pointer)).json()).resource, API.href);
});

test('an access token is an RFC 9068 JWT for the API', async () => {
  const { access_token } = await clientToken();
  const request = new Request(API, { headers: { authorization: `Bearer ${access_token}` } });
  const claims = await oauth.validateJwtAccessToken(as, request, API.href, insecure);
  assert.equal(claims.client_id, 'demo-connector');
  await assert.rejects(oauth.validateJwtAccessToken(as, request, 'https://other.example', insecure));
});

test('code flow: redirect with iss and state, tokens, refresh', async () => {
  const { verifier, answer } = await code(WEB);
  const response = await oauth.authorizationCodeGrantRequest(as, WEB, webSecret, answer, CALLBACK, verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(as, WEB, response);
  const again = await oauth.refreshTokenGrantRequest(as, WEB, webSecret, tokens.refresh_token, insecure);
  assert.ok((await oauth.processRefreshTokenResponse(as, WEB, again)).access_token);
});

test('a refusal comes back with iss and state', async () => {
  const { state, parameters } = await startOf(WEB, { prompt: 'consent' });
  const arrival = await new Browser().visit(`${as.authorization_endpoint}?${parameters}`, CALLBACK, { decision: 'deny' });
  assert.throws(() => oauth.validateAuthResponse(as, WEB, arrival, state), { error: 'access_denied' });
});

test('a resource indicator restricts the audience (RFC 8707)', async () => {
  const userinfo = new URL('/oauth/userinfo', ISSUER).href;
  const { access_token } = await clientToken(CONNECTOR, connectorSecret, { resource: userinfo });
  const api = await oauth.protectedResourceRequest(access_token, 'GET', new URL('/v1/users', ISSUER), undefined, null, insecure).catch((error) => error);
  assert.equal(jose.decodeJwt(access_token).aud, userinfo);
  assert.equal(api.status ?? api.response?.status, 401);
});

test('introspection, plain and signed (RFC 7662, RFC 9701)', async () => {
  const { access_token } = await clientToken();
  const plain = await oauth.introspectionRequest(as, CONNECTOR, connectorSecret, access_token, insecure);
  assert.equal((await oauth.processIntrospectionResponse(as, CONNECTOR, plain)).active, true);
  const asked = { ...CONNECTOR, introspection_signed_response_alg: 'RS256' };
  const signed = await oauth.introspectionRequest(as, asked, connectorSecret, access_token, { requestJwtResponse: true, ...insecure });
  const claims = await oauth.processIntrospectionResponse(as, asked, signed);
  await oauth.validateApplicationLevelSignature(as, signed, insecure);
  assert.equal(claims.active, true);
});

test('revocation is answered, and counts at once', async () => {
  const { access_token } = await clientToken();
  const response = await oauth.revocationRequest(as, CONNECTOR, connectorSecret, access_token, insecure);
  await oauth.processRevocationResponse(response);
  await assert.rejects(oauth.protectedResourceRequest(access_token, 'GET', new URL('/v1/users', ISSUER), undefined, null, insecure), { status: 401 });
});

test('DPoP at both ends', async () => {
  const keys = await oauth.generateKeyPair('ES256');
  const DPoP = oauth.DPoP(CONNECTOR, keys);
  const tokens = await clientToken(CONNECTOR, connectorSecret, {}, { DPoP });
  assert.equal(tokens.token_type, 'dpop');
  const response = await oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL('/v1/users?limit=1', ISSUER), undefined, null, { DPoP, ...insecure });
  assert.equal(response.status, 200);
});

test('pushed authorization request, with a proof that binds the code', async () => {
  const DPoP = oauth.DPoP(NATIVE, await oauth.generateKeyPair('ES256'));
  const { verifier, state, parameters } = await startOf(NATIVE, { redirect_uri: 'http://127.0.0.1:49153/callback' });
  const response = await oauth.pushedAuthorizationRequest(as, NATIVE, oauth.None(), parameters, { DPoP, ...insecure });
  const pushed = await oauth.processPushedAuthorizationResponse(as, NATIVE, response);
  const query = new URLSearchParams({ client_id: NATIVE.client_id, request_uri: pushed.request_uri });
  const arrival = await new Browser().visit(`${as.authorization_endpoint}?${query}`, 'http://127.0.0.1:49153/callback');
  const answer = oauth.validateAuthResponse(as, NATIVE, arrival, state);
  const redeem = (options) => oauth.authorizationCodeGrantRequest(as, NATIVE, oauth.None(), answer, 'http://127.0.0.1:49153/callback', verifier, { ...insecure, ...options });
  await assert.rejects(oauth.processAuthorizationCodeResponse(as, NATIVE, await redeem({})));
  const tokens = await oauth.processAuthorizationCodeResponse(as, NATIVE, await redeem({ DPoP }));
  assert.equal(tokens.token_type, 'dpop');
});

test('registration, and private_key_jwt with the key that was registered', async () => {
  const { publicKey, privateKey } = await oauth.generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await jose.exportJWK(publicKey)), kid: 'wire', alg: 'ES256', use: 'sig' };
  const client = await register({
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [jwk] },
    scope: 'users:read',
  });
  const tokens = await clientToken(client, oauth.PrivateKeyJwt({ key: privateKey, kid: 'wire' }));
  assert.ok(tokens.access_token && !client.client_secret);
});

test('a device waits, is approved, and its code works once', async () => {
  const asked = await oauth.deviceAuthorizationRequest(as, NATIVE, oauth.None(), { scope: 'users:read' }, insecure);
  const device = await oauth.processDeviceAuthorizationResponse(as, NATIVE, asked);
  const poll = async () => oauth.processDeviceCodeResponse(as, NATIVE, await oauth.deviceCodeGrantRequest(as, NATIVE, oauth.None(), device.device_code, insecure));
  await assert.rejects(poll(), { error: 'authorization_pending' });
  await new Browser().approve(device.verification_uri_complete);
  await new Promise((resolve) => setTimeout(resolve, (device.interval + 1) * 1000));
  assert.ok((await poll()).access_token);
  await new Promise((resolve) => setTimeout(resolve, (device.interval + 1) * 1000));
  await assert.rejects(poll(), { error: 'invalid_grant' });
});
