// Reads {publicKey, forms: [text]} on stdin, and writes what the official Node SDK says of each.
import { createRequire } from 'node:module';
import { join } from 'node:path';

// An import by name does not look into NODE_PATH.
const require = createRequire(join(process.env.NODE_PATH, 'package.json'));
const { AlipaySdk } = require('alipay-sdk');

let text = '';
for await (const piece of process.stdin) text += piece;
const { publicKey, privateKey, forms } = JSON.parse(text);
const sdk = new AlipaySdk({ appId: '2021000000000001', privateKey, alipayPublicKey: publicKey, keyType: 'PKCS8' });
console.log(JSON.stringify(forms.map((form) => sdk.checkNotifySignV2(form))));
