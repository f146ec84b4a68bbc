using System.Text.Json;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// What is kept with a call's reservation, to be known should its host die: everything its row in the journal says, and how
/// much its client has got. No content.
/// </summary>
internal sealed record CallDetails(
    string Actor,
    ProjectId? Project,
    string? Session,
    string? User,
    IReadOnlyList<string> Tags,
    Protocol Protocol,
    string Model,
    IReadOnlyList<ProviderModel> Candidates,
    bool IsStream,
    DateTimeOffset StartedAt)
{
    /// <summary>The model that was answering when it was last heard of; null before the first answer.</summary>
    public ProviderModel? Answering { get; init; }

    /// <summary>What its client had got when it was last heard of; null where it was not heard of since it was admitted.</summary>
    public ModelUsage? Delivered { get; init; }

    /// <summary>What is to be kept of a call.</summary>
    public static CallDetails Of(ModelCall call, KeyPolicy policy) => new(
        call.Actor,
        policy.Project,
        call.Session,
        call.User,
        policy.Tags,
        call.Protocol,
        call.Model,
        call.Candidates,
        call.IsStream,
        call.StartedAt);

    /// <summary>Reads what was kept.</summary>
    public static CallDetails Read(string json) => JsonSerializer.Deserialize<CallDetails>(json, JsonConventions.Options)!;

    /// <summary>The call it was, of the organisation and account it was reserved for.</summary>
    public ModelCall Call(CallId id, OrgId org, BillingAccountId account) =>
        new(id, org, account, Actor, Protocol, Model, Candidates, IsStream, StartedAt) { Session = Session, User = User };

    /// <inheritdoc />
    public override string ToString() => JsonSerializer.Serialize(this, JsonConventions.Options);
}
