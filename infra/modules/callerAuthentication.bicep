@description('Required. The function app that is called.')
param appName string

@description('Required. True when the platform lets in only who brings a token of Entra for this API. The app verifies it again, and the app role, which the platform does not look at.')
param isRequired bool

@description('Conditional. The client id of the API registration. Required if `isRequired` is true.')
param clientId string?

@description('Conditional. The identifier URI of the API registration. Required if `isRequired` is true.')
param identifierUri string?

@description('Optional. Client ids of the only applications that may call. Absent: whoever the registration has assigned a role to.')
param allowedApplications string[]?

@description('Required. The tenant whose callers are let in.')
param tenantId string

@description('Required. True when administrators of other tenants land on a page of the app after their consent.')
param hasConsentPage bool

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource authentication 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: isRequired, runtimeVersion: '~1' }
    globalValidation: {
      requireAuthentication: isRequired
      unauthenticatedClientAction: isRequired ? 'Return401' : 'AllowAnonymous'
      // Health answers up or degraded to everybody; the details are for callers with a role, which the app checks. Who
      // comes from a consent has no token of this tenant; the app checks the state that it gave out.
      excludedPaths: concat(['/api/health'], hasConsentPage ? ['/api/consent'] : [])
    }
    httpSettings: { requireHttps: true }
    login: { tokenStore: { enabled: false } }
    identityProviders: {
      azureActiveDirectory: {
        enabled: isRequired
        registration: {
          clientId: clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenantId}/v2.0'
        }
        validation: {
          // Which of the two a token names depends on the version that the registration asks for.
          allowedAudiences: isRequired ? [clientId ?? '', identifierUri ?? ''] : []
          defaultAuthorizationPolicy: { allowedApplications: allowedApplications ?? [] }
        }
      }
    }
  }
}
