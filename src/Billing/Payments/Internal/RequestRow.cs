using Npgsql;
using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>What a provider call sends, frozen: with what made it, so that a repetition means the same.</summary>
/// <param name="Params">Canonical JSON, sent as it is.</param>
/// <param name="Hash">SHA-256 of it, in lower-case hexadecimals.</param>
/// <param name="Schema">What the JSON is, such as <c>checkout_params_v1</c>.</param>
/// <param name="Provenance">What made it.</param>
/// <param name="At">When.</param>
internal sealed record FrozenRequest(
    string Params, string Hash, string Schema, ProviderProvenance Provenance, DateTimeOffset At);

/// <summary>Why a request ended without success, as it is kept and told again.</summary>
/// <param name="Code">One of §6.1's codes.</param>
/// <param name="Reason">For people; never a secret.</param>
/// <param name="Details">JSON of further members of the answer; null none.</param>
internal sealed record RequestFailure(string Code, string Reason, string? Details = null);

/// <summary>A request as it is stored.</summary>
internal sealed record RequestRow
{
    public required OrgId Org { get; init; }

    public required PaymentRequestId Id { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public required RequestAction Action { get; init; }

    /// <summary>Of a checkout; null for others.</summary>
    public required CheckoutFlow? Flow { get; init; }

    public required string ClientKey { get; init; }

    public required byte[] Fingerprint { get; init; }

    /// <summary>What was asked for, as canonical JSON.</summary>
    public required string Normalized { get; init; }

    public required string Actor { get; init; }

    public required string OperationKey { get; init; }

    public required ProviderPlace Place { get; init; }

    /// <summary>The idempotency key the provider is sent.</summary>
    public required string ProviderKey { get; init; }

    public FrozenRequest? Frozen { get; init; }

    public required DateTimeOffset ReplayDeadlineAt { get; init; }

    /// <summary>After this nobody can pay at what the provider may have made; null before freezing, and for others.</summary>
    public DateTimeOffset? UpperBoundAt { get; init; }

    public string? ProviderObject { get; init; }

    /// <summary>The provider's name of the call that ended it, for its support; null unknown.</summary>
    public string? ProviderRequest { get; init; }

    public required RequestStatus Status { get; init; }

    /// <summary>The answer, as JSON.</summary>
    public string? Response { get; init; }

    public RequestFailure? Failure { get; init; }

    public string? LeaseOwner { get; init; }

    public required long LeaseVersion { get; init; }

    public DateTimeOffset? LeaseExpiresAt { get; init; }

    public int RecoveryAttempts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The same, once the provider has answered a call that has this name there.</summary>
    public RequestRow AnsweredBy(string? providerRequest) =>
        this with { ProviderRequest = providerRequest is { Length: > 0 and <= 191 } named ? named : ProviderRequest };

    /// <summary>Whether whoever worked on it has stopped saying so; one without a lease has no worker.</summary>
    public bool IsLeaseOver(DateTimeOffset now) => LeaseExpiresAt is not { } end || end <= now;

    /// <summary>The columns <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        org_id, request_id, billing_account_id, action, flow, client_key, fingerprint, normalized, actor, operation_key,
        provider, mode, provider_key, frozen_params, frozen_hash, frozen_schema, frozen_client, frozen_client_version,
        frozen_api_version, frozen_at, replay_deadline_at, expires_upper_bound_at, provider_object_id, status, response,
        failure_code, failure_reason, failure_details, lease_owner, lease_version, lease_expires_at, recovery_attempts,
        created_at, provider_request_id
        """;

    public static RequestRow Read(NpgsqlDataReader row) => new()
    {
        Org = new OrgId(row.GetGuid(0)),
        Id = new PaymentRequestId(row.GetGuid(1)),
        BillingAccount = new BillingAccountId(row.GetGuid(2)),
        Action = row.Word<RequestAction>(3),
        Flow = row.IsDBNull(4) ? null : row.Word<CheckoutFlow>(4),
        ClientKey = row.GetString(5),
        Fingerprint = row.GetFieldValue<byte[]>(6),
        Normalized = row.GetString(7),
        Actor = row.GetString(8),
        OperationKey = row.GetString(9),
        Place = new ProviderPlace(row.GetString(10), row.Mode(11)),
        ProviderKey = row.GetString(12),
        Frozen = row.IsDBNull(13) ? null : ReadFrozen(row),
        ReplayDeadlineAt = row.Instant(20),
        UpperBoundAt = row.InstantOrNull(21),
        ProviderObject = row.TextOrNull(22),
        Status = row.Word<RequestStatus>(23),
        Response = row.TextOrNull(24),
        Failure = row.IsDBNull(25)
            ? null
            : new RequestFailure(row.GetString(25), row.TextOrNull(26) ?? string.Empty, row.TextOrNull(27)),
        LeaseOwner = row.TextOrNull(28),
        LeaseVersion = row.GetInt64(29),
        LeaseExpiresAt = row.InstantOrNull(30),
        RecoveryAttempts = row.GetInt32(31),
        CreatedAt = row.Instant(32),
        ProviderRequest = row.TextOrNull(33),
    };

    private static FrozenRequest ReadFrozen(NpgsqlDataReader row) => new(
        row.GetString(13),
        row.GetString(14),
        row.TextOrNull(15) ?? string.Empty,
        new ProviderProvenance(
            row.TextOrNull(16) ?? string.Empty, row.TextOrNull(17) ?? string.Empty, row.TextOrNull(18) ?? string.Empty),
        row.Instant(19));
}
