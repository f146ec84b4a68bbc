using System.Text.Json;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>
/// The registry of entitlement schemas. A version never changes; an unknown one, or a payload that is not exactly its
/// own, is invalid wherever it is found.
/// </summary>
internal static class EntitlementSchemas
{
    public const string UnknownSchema = "unknown_schema_version";
    public const string InvalidPayload = "invalid_payload";

    private const string SwitchV1 = "entitlement.boolean.v1";
    private const string QuotaV1 = "entitlement.quota.v1";
    private const string QuotaV2 = "entitlement.quota.v2";
    private const string NamesV1 = "entitlement.string_list.v1";

    /// <summary>What a document means; <see cref="Entitlement.Invalid"/> when it means nothing.</summary>
    public static Entitlement Read(EntitlementDocument document)
    {
        try
        {
            Entitlement? read = document.SchemaVersion switch
            {
                SwitchV1 => new Entitlement.Switch(document.Key, Payload<SwitchPayload>(document).Enabled),
                QuotaV1 => ReadQuota(document.Key, Payload<QuotaPayload>(document)),
                QuotaV2 => ReadQuota(document.Key, Payload<WideQuotaPayload>(document)),
                NamesV1 => ReadNames(document.Key, Payload<NamesPayload>(document).Values),
                _ => new Entitlement.Invalid(document.Key, document.SchemaVersion, UnknownSchema),
            };
            return read ?? new Entitlement.Invalid(document.Key, document.SchemaVersion, InvalidPayload);
        }
        catch (JsonException)
        {
            return new Entitlement.Invalid(document.Key, document.SchemaVersion, InvalidPayload);
        }
    }

    /// <summary>The document of a valid entitlement, in the newest schema that says it all.</summary>
    public static EntitlementDocument Document(Entitlement entitlement) => entitlement switch
    {
        Entitlement.Switch on => new(on.Key, SwitchV1, Element(new SwitchPayload(on.IsEnabled))),
        Entitlement.Names names => new(names.Key, NamesV1, Element(new NamesPayload(names.Values))),
        Entitlement.Quota quota => new(quota.Key, QuotaV2, Element(new WideQuotaPayload(
            quota.Limit,
            quota.Interval,
            quota.Enforcement,
            quota.Meters,
            quota.Match.ToDictionary(),
            quota.Overage,
            quota.OverageCapMicros))),
        _ => throw new InvalidOperationException($"{entitlement.Key} is not valid and is never written."),
    };

    private static T Payload<T>(EntitlementDocument document) =>
        document.Value.Deserialize<T>(JsonConventions.Options) ?? throw new JsonException("null");

    private static JsonElement Element<T>(T payload) => JsonSerializer.SerializeToElement(payload, JsonConventions.Options);

    private static Entitlement.Quota? ReadQuota(string key, QuotaPayload payload) =>
        payload is { Limit: >= 0, Interval: <= QuotaInterval.Year, Enforcement: not QuotaEnforcement.Observe }
            ? new Entitlement.Quota(key, payload.Limit, payload.Interval, payload.Enforcement)
            : null;

    private static Entitlement.Quota? ReadQuota(string key, WideQuotaPayload payload)
    {
        var meters = payload.Meters ?? [];
        var match = Dimensions.Of(payload.Match ?? new Dictionary<string, string>());
        return payload is { Limit: null or >= 0, OverageCapMicros: null or >= 0 }
            && meters.Count <= Limits.MetersPerQuotaMax
            && meters.Distinct().Count() == meters.Count
            && meters.All(meter => InputText.Problem(meter, Limits.NameLettersMax) is null)
            && TermsCheck.MatchProblem(match) is null
                ? new Entitlement.Quota(key, payload.Limit, payload.Interval, payload.Enforcement)
                {
                    Meters = meters,
                    Match = match,
                    Overage = payload.Overage,
                    OverageCapMicros = payload.OverageCapMicros,
                }
                : null;
    }

    private static Entitlement.Names? ReadNames(string key, IReadOnlyList<string> values)
    {
        string[] trimmed = [.. values.Select(value => value.Trim())];
        return trimmed.Length <= Limits.NamesPerEntitlementMax
            && trimmed.Distinct(StringComparer.Ordinal).Count() == trimmed.Length
            && trimmed.All(value => InputText.Problem(value, Limits.DimensionLettersMax) is null)
                ? new Entitlement.Names(key, trimmed)
                : null;
    }

    private sealed record SwitchPayload(bool Enabled);

    private sealed record QuotaPayload(long Limit, QuotaInterval Interval, QuotaEnforcement Enforcement);

    private sealed record WideQuotaPayload(
        long? Limit,
        QuotaInterval Interval,
        QuotaEnforcement Enforcement,
        IReadOnlyList<string>? Meters = null,
        IReadOnlyDictionary<string, string>? Match = null,
        OveragePolicy Overage = OveragePolicy.Pause,
        long? OverageCapMicros = null);

    private sealed record NamesPayload(IReadOnlyList<string> Values);
}
