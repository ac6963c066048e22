extension microsoftGraphV1

@description('Required. The name by which the registration is found again.')
@minLength(3)
param uniqueName string

@description('Required. What people see in Entra.')
param displayName string

@description('Optional. The object id of the playbooks\' identity. Absent: there is none.')
param playbooksPrincipalId string?

@description('Required. The app roles that the playbooks need.')
param playbooksRoles string[]

// Applications of Microsoft by which people sign in at a terminal; the same in every tenant.
var clients = loadJsonContent('../clients.json')
var scopeId = guid(uniqueName, 'access_as_user')
var identifierUri = 'api://${tenant().tenantId}/${uniqueName}'

// An application and a person are told apart by the app; either needs the role.
var appRoles = [
  { value: 'Defender.Read', description: 'Finds devices, and reads operations.' }
  { value: 'Defender.Respond', description: 'Isolates and releases devices.' }
  { value: 'Defender.Hunt', description: 'Runs hunting queries.' }
  { value: 'Defender.Admin', description: 'Lists what everybody asked for.' }
]

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  identifierUris: [identifierUri]
  api: {
    requestedAccessTokenVersion: 2
    // Lets a person with one of the roles sign in, for `npm run call` and `npm run verify:azure`.
    oauth2PermissionScopes: [
      {
        id: scopeId
        value: 'access_as_user'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Call the API as the signed-in person'
        adminConsentDescription: 'Lets an application call the API for the person who is signed in, within the roles of that person.'
        userConsentDisplayName: 'Call the API for you'
        userConsentDescription: 'Lets the application call the API for you, within the roles that you have.'
      }
    ]
    // Without it, whoever signs in with the Azure CLI would first be asked for a consent that many tenants forbid.
    preAuthorizedApplications: [{ appId: clients['Azure CLI'], delegatedPermissionIds: [scopeId] }]
  }
  appRoles: [
    for role in appRoles: {
      id: guid(uniqueName, role.value)
      value: role.value
      displayName: role.value
      description: role.description
      allowedMemberTypes: ['Application', 'User']
      isEnabled: true
    }
  ]
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
  // Entra gives tokens only to whom a role is assigned.
  appRoleAssignmentRequired: true
}

resource playbooksGrants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for role in playbooksRoles: if (playbooksPrincipalId != null) {
    appRoleId: guid(uniqueName, role)
    principalId: playbooksPrincipalId ?? ''
    resourceId: servicePrincipal.id
  }
]

@description('The client id of the API.')
output clientId string = application.appId

@description('The identifier URI of the API: what callers ask a token for.')
output identifierUri string = identifierUri
