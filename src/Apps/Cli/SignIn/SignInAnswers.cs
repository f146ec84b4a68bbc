namespace Quoin.Cli;

/// <summary>What a program needs to be let in.</summary>
internal sealed record DeviceCodeAnswer(
    string DeviceCode, string UserCode, string VerificationUri, string VerificationUriComplete, int ExpiresIn, int Interval)
{
    public override string ToString() => UserCode;
}

/// <summary>A device that was let in.</summary>
internal sealed record DeviceTokenAnswer(
    string AccessToken, int ExpiresIn, string OrganisationId, string OrganisationName, string UserId, string UserName)
{
    public override string ToString() => OrganisationId;
}

/// <summary>Who sends a request.</summary>
internal sealed record CallerAnswer(
    string Realm,
    string Actor,
    OrganisationAnswer? Organisation,
    UserAnswer? User,
    IReadOnlyList<string> Permissions,
    IReadOnlyList<OrganisationAnswer> Organisations);

/// <summary>An organisation.</summary>
internal sealed record OrganisationAnswer(string Id, string Name, string? Slug, string Mode);

/// <summary>A person.</summary>
internal sealed record UserAnswer(string Id, string Name);
