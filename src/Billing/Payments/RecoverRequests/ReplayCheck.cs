using Quoin.Payments.Internal;

namespace Quoin.Payments.RecoverRequests;

/// <summary>Whether a frozen call may be sent again.</summary>
internal enum ReplayVerdict
{
    /// <summary>It may.</summary>
    Allowed,

    /// <summary>Nothing was ever frozen: nothing was ever sent.</summary>
    NeverFrozen,

    /// <summary>The provider may have forgotten the key: a repetition could be a second one.</summary>
    DeadlinePassed,

    /// <summary>The provider it was made for is not configured now.</summary>
    NoProvider,

    /// <summary>Another release made it: the same parameters may mean something else.</summary>
    OtherProvenance,

    /// <summary>What is stored is not what was frozen.</summary>
    HashMismatch,
}

/// <summary>Checks what must hold before a frozen call is sent again, in the order it is decided.</summary>
internal static class ReplayCheck
{
    public static ReplayVerdict Of(RequestRow request, IPaymentProvider? provider, DateTimeOffset now) => request.Frozen switch
    {
        _ when now >= request.ReplayDeadlineAt => ReplayVerdict.DeadlinePassed,
        null => ReplayVerdict.NeverFrozen,
        _ when provider is null => ReplayVerdict.NoProvider,
        var frozen when !IsCompatible(frozen.Provenance, provider.Provenance) => ReplayVerdict.OtherProvenance,
        var frozen when CanonicalJson.HashOf(frozen.Params) != frozen.Hash => ReplayVerdict.HashMismatch,
        _ => ReplayVerdict.Allowed,
    };

    /// <summary>The same client with the same major version, speaking the same version of the API.</summary>
    public static bool IsCompatible(ProviderProvenance frozen, ProviderProvenance now) =>
        frozen.Client == now.Client
        && frozen.ApiVersion == now.ApiVersion
        && Major(frozen.ClientVersion) == Major(now.ClientVersion);

    private static string Major(string version) => version.Split('.')[0];
}
