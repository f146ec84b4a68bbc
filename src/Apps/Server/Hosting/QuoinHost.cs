using System.Text.Json;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging.Console;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.Server.Hosting;

/// <summary>Builds the web application of one replica on a migrated database.</summary>
public static class QuoinHost
{
    /// <summary>The application, not yet started.</summary>
    /// <param name="settings">What the replica was told.</param>
    /// <param name="connectionString">The owner's connection string of the database.</param>
    /// <param name="configure">Changes registrations, for tests that set the clock.</param>
    public static WebApplication Build(
        HostSettings settings, string connectionString, Action<IServiceCollection>? configure = null)
    {
        // The name finds the console's static files also when another program, such as a test, is the process.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(QuoinHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseUrls([.. settings.Urls]);
        ConfigureServer(builder);
        ConfigureLogging(builder.Logging);

        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddSingleton(settings.Roles);
        services.AddSingleton(settings.Notifications);
        services.AddSingleton(settings.Accounts);
        services.AddSingleton(settings.RequestRate);
        services.AddSingleton(settings.Proofs);
        services.AddSingleton(settings.Stripe);
        services.AddSingleton(settings.Inference with { Demo = settings.Demo });
        services.AddSingleton(settings.Payments with { PublicUrl = PublicUrlOf(settings) });
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new IdSource(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => DataSources.App(connectionString));
        services.AddSingleton(settings.MasterKey is { } masterKey
            ? MasterKeys.Given(masterKey, settings.PreviousMasterKey)
            : MasterKeys.InFolder(settings.DataFolder));
        if (settings.DefaultPlan is { } plan)
        {
            services.AddSingleton(new DefaultPlan(plan));
        }

        if (settings.GrantNoticeDays is { } days)
        {
            services.AddSingleton(new GrantNotice(TimeSpan.FromDays(days)));
        }

        services.AddQuoinModules();
        configure?.Invoke(services);

        var app = builder.Build();
        BelieveProxies(app, settings.TrustedProxies);
        app.UseQuoinModules();
        return app;
    }

    // Where customers come back to after paying: the address the operator names, else the one it listens at.
    private static Uri PublicUrlOf(HostSettings settings) =>
        settings.Accounts.PublicUrl
        ?? (Uri.TryCreate(settings.Urls[0], UriKind.Absolute, out var own) ? own : new PaymentsOptions().PublicUrl);

    // Only those named: limits and lists go by a visitor's address, and whoever could make one up would have many.
    private static void BelieveProxies(WebApplication app, IReadOnlyList<System.Net.IPNetwork> trusted)
    {
        if (trusted.Count == 0)
        {
            return;
        }

        var headers = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = HostLimits.ProxiesMax,
        };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var network in trusted)
        {
            headers.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(headers);
    }

    private static void ConfigureServer(WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = HostLimits.BodyBytesMax;
            kestrel.Limits.MaxConcurrentConnections = HostLimits.ConnectionsMax;
            kestrel.Limits.RequestHeadersTimeout = HostLimits.HeadersTimeout;
        });

        // docs/decisions/0034-requests-run-where-they-were-read.md
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = HostLimits.ShutdownTimeout);
    }

    /// <summary>For commands that answer and end: only what goes wrong, beside the answer.</summary>
    internal static void ConfigureToolLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddSimpleConsole(simple => simple.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    /// <summary>A person at a terminal reads lines; whatever collects the output elsewhere gets structure.</summary>
    internal static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft", LogLevel.Warning);
        if (Console.IsOutputRedirected)
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                json.IncludeScopes = true;
                json.JsonWriterOptions = new JsonWriterOptions { Indented = false };
            });
        }
        else
        {
            logging.AddSimpleConsole(simple =>
            {
                simple.SingleLine = true;
                simple.TimestampFormat = "HH:mm:ss ";
            });
        }
    }
}
