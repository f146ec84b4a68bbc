using Quoin.Accounts;
using Quoin.Charging;
using Quoin.ConsolePages;
using Quoin.Inference;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Metering;
using Quoin.Notifications;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Server.Wiring;

namespace Quoin.Server;

/// <summary>
/// The composition: which modules this program is made of, lowest first. A new module adds one line to
/// <see cref="AddQuoinModules"/>, one to <see cref="UseQuoinModules"/> and its schema to <see cref="QuoinSchemas"/>.
/// </summary>
internal static class QuoinModules
{
    /// <summary>Registers every module's services and background work.</summary>
    public static void AddQuoinModules(this IServiceCollection services)
    {
        services.AddPlatform();
        services.AddPlatformHttp();
        services.AddPlatformTelemetry(QuoinSchemas.All);
        services.AddAccounts();
        services.AddNotifications();
        services.AddLedger();
        services.AddSingleton<IBillingAccountTerms, BillingAccountTermsSource>();
        services.AddSingleton<IActorOrigin, ActorOriginSource>();
        services.AddMetering();
        services.AddPricing();
        services.AddLimits();
        services.AddCharging();
        services.AddPayments();
        services.AddInference();
        services.AddNotificationTopics();
        services.AddTrialCredit();
        services.AddBillingAccountUses();
        services.AddConsole();
    }

    /// <summary>Builds the request pipeline, then maps every module's endpoints.</summary>
    public static void UseQuoinModules(this WebApplication app)
    {
        app.UsePlatformHttp();
        app.MapPlatformHttp();
        app.MapPlatformTelemetry();
        app.MapPlatform();
        app.MapAccounts();
        app.MapNotifications();
        app.MapLedger();
        app.MapMetering();
        app.MapPricing();
        app.MapLimits();
        app.MapCharging();
        app.MapPayments();
        app.MapInference();
        app.MapConsole();
    }
}
