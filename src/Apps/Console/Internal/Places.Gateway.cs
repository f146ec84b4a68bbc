using Quoin.Accounts;
using Quoin.Inference;

namespace Quoin.ConsolePages;

/// <summary>The addresses of the gateway's pages.</summary>
public static partial class Places
{
    /// <summary>Calls of models, newest first.</summary>
    public const string Calls = "/console/gateway/requests";

    /// <summary>What the page of calls asks for news.</summary>
    public const string CallsLive = "/console/gateway/live";

    /// <summary>What calls came to over time.</summary>
    public const string Spend = "/console/gateway/spend";

    /// <summary>The calls behind it as a file.</summary>
    public const string SpendFile = "/console/gateway/spend/file";

    /// <summary>Keys that call models.</summary>
    public const string GatewayKeys = "/console/gateway/keys";

    /// <summary>Budgets of spending.</summary>
    public const string Budgets = "/console/gateway/budgets";

    /// <summary>What becomes of what is asked and answered.</summary>
    public const string ContentPolicy = "/console/gateway/content";

    /// <summary>Keys that the organisation brings.</summary>
    public const string OwnCredentials = "/console/gateway/credentials";

    /// <summary>Where models are tried.</summary>
    public const string Playground = "/console/gateway/playground";

    /// <summary>What answers there.</summary>
    public const string PlaygroundAnswer = "/console/gateway/playground/answer";

    /// <summary>Providers of models, and how they are.</summary>
    public const string Providers = "/console/models/providers";

    /// <summary>One provider, to be changed or added.</summary>
    public const string ProviderForm = "/console/models/providers/edit";

    /// <summary>What the page of providers asks for news.</summary>
    public const string ProvidersLive = "/console/models/providers/live";

    /// <summary>Models that are offered, and where they are.</summary>
    public const string OfferedModels = "/console/models";

    /// <summary>One model, to be changed or offered.</summary>
    public const string ModelForm = "/console/models/edit";

    /// <summary>What is left of what customers pay for models.</summary>
    public const string Margins = "/console/models/margins";

    /// <summary>What becomes of calls that nothing prices.</summary>
    public const string UnpricedModels = "/console/models/unpriced";

    /// <summary>Calls that somebody has to look into.</summary>
    public const string CallReviews = "/console/models/reviews";

    /// <summary>One call.</summary>
    public static string Of(CallId call) => $"{Calls}/{call}";

    /// <summary>What was asked and answered in a call.</summary>
    public static string ContentOf(CallId call) => $"{Of(call)}/content";

    /// <summary>One key that calls models.</summary>
    public static string OfGatewayKey(KeyId key) => $"{GatewayKeys}/{key}";
}
