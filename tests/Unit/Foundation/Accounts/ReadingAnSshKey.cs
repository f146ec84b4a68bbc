using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

/// <summary>The keys and fingerprints are what ssh-keygen of OpenSSH 9.2 made and showed.</summary>
public sealed class ReadingAnSshKey
{
    private const string Ed25519 =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBlqeETMIxJBgYPG3b6Kg4NieggjCz8mDsoM/2vueG+m ada@laptop";

    private const string Ecdsa256 =
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDm0ZT7/8Sq/+wuBW2yJG7ZUw8XL"
        + "4yHlTg9dSsmBVP3gGxWg1YAk9V+hSM3mFXl2NRbAu1Qn7W7L9FC/ijyDUcM= ada@laptop";

    private const string Ecdsa384 =
        "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBORCFdkV6zc/7m9ziQb+VfancFZR"
        + "sI3O1nZhxmU/P22ICEUgRru3A1eCevyzB48uKB4Y+EOCzGVabIaTqJM/A87kQ/iOt1LuJdgXPCQGtE0T4/gFBtFvMJThYWs6GEkX"
        + "cw== ada@laptop";

    private const string Ecdsa521 =
        "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGmmEN7nmI/I51vZHoHWXswESzG"
        + "4iicvamojmF2vsL+xZJXzzayT55S0sIzVGofr+3PixKTtGrTAMIiSlZxfn03JQDTHWjmHS1NsxU043N/XuUIDyk7CuhTgO7L6E7S"
        + "yVdZSToi7Vuwk+oIGJV9Xn6MvCMp7fy5qj8z5ZnPSLC0CwdFTw== ada@laptop";

    private const string Rsa3072 =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC5srgJ6yREGbtIR145/RigigCUVUtrPxcU8aHVl94+orowiIjnD1L/qJXd376X"
        + "NWlChQc45BvB7mqV0iPjYS4ZY4ukplfhYKcQwPxnmABOtBGRo5cKyriZPqnRgb+gz6FcwUrBoyv4/3IFxpSkUGSkDnOKc11atxG+"
        + "76bn6Z9/hGqZZtckY7pUruo+iZAjsANLEe5L/CLTIB1jMvPK1KpE+zBhImwnLduOoXHUq2UmOipHzNH06OPjAOyt5bOIMuF5unhP"
        + "idraPqFWks6LoNHEnYcWr5wFC2723Uz4VrhGF1HbS5U8FfJ9Abhkl3zYg6Uz6g/ZNtLg+OcU+jajKY4zS/J32cqKXD2kmDF7dyDY"
        + "dRyYfnVsfzndGL74HHUg7Viz4sgp4gvzUogIuZh+4KhFoadoqC9vHzVAdHmrLEyp9QqXYAHJDQeBRkuQLTnyKeWyNnLl2ci4JC05"
        + "PluSFrCWl/SrPfq2EJB/CGM8XW/IQy9j2ae3IdbjsN8Osn5xkKs= ada@laptop";

    private const string Rsa2048 =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDnEUUJ86nalJ5XIJAbI/umYzFRN4REPG6B3wuYWM7MRwDcfFZ627txXD/BcK80"
        + "eDJY24VB7He6NomBV4mzH/HkJP2VhY5oiKKWURcdIrvWqXoEfrz/cDyWxINFPIfJECeA/COYUvuRn096GjBL1szLVtvi/dcqvO3f"
        + "jiSuNvLaFEJBEsp+12HOsFoNOjOb4HeddBIl3aVaKtbj/QT/L5xyQ27sSDQxHalzJzUAWGuVdRamMJoQrqK37D9WcYsOfJIC7uSL"
        + "R+eqdHbNcKg3iJW6QZsouijp2vQlj5iO2Tpdzi7zT4EgxhPjW73Noi5BX7AM8YGFv0m6IYsbNdlYSMeV ada@laptop";

    [Theory]
    [InlineData(Ed25519, "SHA256:PfQqcZGExC6kcLrN0mQEIiryUNwyCYLCu+TZyFU1I6I")]
    [InlineData(Ecdsa256, "SHA256:RgxJNsnVOKFOrRJuYHnB74l0ZP5nZ9Of/t0uJD1I15Y")]
    [InlineData(Ecdsa384, "SHA256:Vd9XdaTQg+V56ZrPJigH0ldblBLP7Vc948vMBH78hU4")]
    [InlineData(Ecdsa521, "SHA256:mvxuTXAPy1QHrVmz7IaDtzj65caWv4ZRcDZ7O+GUFq0")]
    [InlineData(Rsa3072, "SHA256:xH2tSrvmVw6Fc82D9+Nz41ArreIoNx/LmIKc7PWfmmU")]
    public void Shows_the_fingerprint_that_its_owner_sees(string line, string fingerprint)
    {
        SshPublicKey.TryRead(line, out var key, out _).ShouldBeTrue();

        key!.Fingerprint.ShouldBe(fingerprint);
        key.Comment.ShouldBe("ada@laptop");
        line.ShouldStartWith(key.Text);
    }

    [Fact]
    public void Takes_no_rsa_key_that_is_short()
    {
        SshPublicKey.TryRead(Rsa2048, out _, out var problem).ShouldBeFalse();

        problem!.ShouldContain("3072");
    }

    [Fact]
    public void Takes_no_point_that_is_not_on_the_curve()
    {
        var bytes = Convert.FromBase64String(Ecdsa256.Split(' ')[1]);
        bytes[^1] ^= 1;

        SshPublicKey.TryRead($"ecdsa-sha2-nistp256 {Convert.ToBase64String(bytes)}", out _, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 !!!!")]
    [InlineData("ssh-ed25519 AAAA")]
    [InlineData("ssh-dss AAAAB3NzaC1kc3MAAAAA")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----")]
    public void Takes_nothing_else(string text) => SshPublicKey.TryRead(text, out _, out _).ShouldBeFalse();

    [Fact]
    public void Takes_no_key_that_says_two_kinds_nor_one_with_a_tail()
    {
        var key = Ed25519.Split(' ')[1];
        var longer = Convert.ToBase64String([.. Convert.FromBase64String(key), 0]);
        var shorter = Convert.ToBase64String(Convert.FromBase64String(key)[..^1]);

        SshPublicKey.TryRead($"ssh-rsa {key}", out _, out _).ShouldBeFalse();
        SshPublicKey.TryRead($"ssh-ed25519 {longer}", out _, out _).ShouldBeFalse();
        SshPublicKey.TryRead($"ssh-ed25519 {shorter}", out _, out _).ShouldBeFalse();
    }
}
