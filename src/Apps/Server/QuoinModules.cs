using Quoin.Platform;

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
    }

    /// <summary>Builds the request pipeline, then maps every module's endpoints.</summary>
    public static void UseQuoinModules(this WebApplication app)
    {
        app.UsePlatformHttp();
    }
}
