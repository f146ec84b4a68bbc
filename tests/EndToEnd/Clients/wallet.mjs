// Signs for the injected wallet of a browser test, as personal_sign does; without a message it tells the address.
// node wallet.mjs PRIVATE_KEY [MESSAGE_AS_HEX]
import { privateKeyToAccount } from 'viem/accounts';

const [key, raw] = process.argv.slice(2);
const account = privateKeyToAccount(key);
console.log(raw ? await account.signMessage({ message: { raw } }) : account.address);
