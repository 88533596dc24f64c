'use strict';

/** Throws on use: sqlferry ships without the Azure SDK. */
class NotInstalled {
  constructor() {
    throw new Error('Entra sign-in through the Azure SDK is not part of this build of sqlferry.');
  }
}

module.exports = {
  ClientSecretCredential: NotInstalled,
  DefaultAzureCredential: NotInstalled,
  ManagedIdentityCredential: NotInstalled,
  UsernamePasswordCredential: NotInstalled,
};
