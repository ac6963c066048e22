@description('Required. The name of the app\'s identity.')
@minLength(3)
param appIdentityName string

@description('Optional. The name of the identity that all playbooks share. Absent: there is none.')
@minLength(3)
param playbooksIdentityName string?

@description('Required. Where the identities are kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: appIdentityName
  location: location
  tags: tags
}

// One for all of them: its ids are known before any playbook is, so that grants and callers can name it.
resource playbooksIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (playbooksIdentityName != null) {
  name: playbooksIdentityName ?? 'none'
  location: location
  tags: tags
}

@description('The resource id of the app\'s identity.')
output appIdentityId string = appIdentity.id

@description('The client id of the app\'s identity.')
output appClientId string = appIdentity.properties.clientId

@description('The object id of the app\'s identity, to which roles are assigned.')
output appPrincipalId string = appIdentity.properties.principalId

@description('The resource id of the playbooks\' identity, or null.')
output playbooksIdentityId string? = playbooksIdentity.?id

@description('The client id of the playbooks\' identity, or null.')
output playbooksClientId string? = playbooksIdentity.?properties.clientId

@description('The object id of the playbooks\' identity, or null.')
output playbooksPrincipalId string? = playbooksIdentity.?properties.principalId
