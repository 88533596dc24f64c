'use strict';

/** Throws on use: sqlferry ships without the Azure SDK. */
class NotInstalled {
  constructor() {
    throw new Error('Always Encrypted with Azure Key Vault is not part of this build of sqlferry.');
  }
}

module.exports = { CryptographyClient: NotInstalled, KeyClient: NotInstalled };
