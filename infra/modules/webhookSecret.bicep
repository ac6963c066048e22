@description('Required. The vault that keeps the address.')
param vaultName string

@description('Required. Where alerts are delivered. It is a secret: whoever knows it can deliver alerts.')
@secure()
param url string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource address 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'alert-webhook-url'
  properties: {
    value: url
    contentType: 'Where the app delivers alerts'
  }
}

@description('What the app setting says instead of the address; the platform reads the newest version.')
output reference string = '@Microsoft.KeyVault(SecretUri=${address.properties.secretUri}/)'
